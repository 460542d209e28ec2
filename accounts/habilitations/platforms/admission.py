"""Which roles a type of establishment may have on a platform, read from the table of rules."""

from accounts.habilitations.enums import Role, WayIn
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.habilitations.reference.models import Profile


def choose_admitted_role(platform: Platform, kind: str, profile: Profile | None) -> Role:
    """The role that `profile` gives there (R37); without a rule, Gestionnaire, the lowest."""
    rule = AdmissionRule.objects.filter(platform=platform, kind=kind, profile=profile).first()
    return Role(rule.role) if rule else Role.GESTIONNAIRE


def get_default_profile(platform: Platform, kind: str) -> Profile | None:
    """The profile that people of this type get there without being asked."""
    rules = AdmissionRule.objects.filter(platform=platform, kind=kind, way_in=WayIn.DEFAULT)
    rule = rules.select_related("profile").first()
    return rule.profile if rule else None


def list_form_profiles(platform_code: str, kind: str) -> list[tuple[str, str]]:
    """Codes and labels of the profiles that the form of that platform offers to that type."""
    rules = AdmissionRule.objects.filter(
        platform__code=platform_code, kind=kind, way_in=WayIn.FORM
    ).order_by("profile__position", "profile__label")
    return list(rules.values_list("profile__code", "profile__label"))
