"""Which roles a type of establishment may have on a platform, read from the table of rules."""

from typing import Final

from accounts.habilitations.enums import Role, WayIn
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.habilitations.reference.models import Profile

# What somebody may ask for by themselves; a type without such a rule has no request online.
ASKED_ONLINE: Final = (WayIn.FORM, WayIn.DEFAULT)


def choose_admitted_role(platform: Platform, kind: str, profile: Profile | None) -> Role:
    """The role that `profile` gives there (R37); without a rule, Gestionnaire, the lowest."""
    rule = AdmissionRule.objects.filter(platform=platform, kind=kind, profile=profile).first()
    return Role(rule.role) if rule else Role.GESTIONNAIRE


def get_default_profile(platform: Platform, kind: str) -> Profile | None:
    """The profile that people of this type get there without being asked."""
    rules = AdmissionRule.objects.filter(platform=platform, kind=kind, way_in=WayIn.DEFAULT)
    rule = rules.select_related("profile").first()
    return rule.profile if rule else None


def may_be_asked_online(platform: Platform) -> bool:
    return AdmissionRule.objects.filter(
        platform=platform, platform__enabled=True, way_in__in=ASKED_ONLINE
    ).exists()


def is_requestable(
    platform: Platform, kind: str, profile: Profile | None, *, holds_access: bool = False
) -> bool:
    """Whether a person may ask for this profile by themselves, on a platform that is open.
    `holds_access`: to it, for the same establishment; then those that are given later count too.
    """
    ways = (*ASKED_ONLINE, WayIn.LATER) if holds_access else ASKED_ONLINE
    rules = AdmissionRule.objects.filter(platform=platform, platform__enabled=True, way_in__in=ways)
    return rules.filter(kind=kind, profile=profile).exists()


class OnlineAdmissions:
    """The rules by which people ask for the open platforms by themselves: one statement for all
    that a form reads of them.
    """

    def __init__(self) -> None:
        rules = AdmissionRule.objects.filter(platform__enabled=True, way_in__in=ASKED_ONLINE)
        self.rules = list(
            rules.select_related("platform", "profile")
            .only(
                *("kind", "way_in", "profile__code", "profile__label"),
                *("platform__code", "platform__name", "platform__tile_title"),
            )
            .order_by(
                "platform__position",
                "platform__name",
                "way_in",  # the default one first
                "profile__position",
                "profile__label",
            )
        )

    def find_platform(self, code: str) -> Platform | None:
        return next((rule.platform for rule in self.rules if rule.platform.code == code), None)

    def list_profiles(self, code: str) -> dict[str, list[Profile]]:
        """By type of establishment, the profiles that a request may ask for. A type that is missing
        cannot ask for this platform (D66).
        """
        found: dict[str, list[Profile]] = {}
        for rule in self.rules:
            if rule.platform.code == code:
                found.setdefault(rule.kind, []).append(rule.profile)
        return found

    def list_form_choices(self, code: str, kind: str) -> list[tuple[str, str]]:
        """Codes and labels of the profiles that the form of that platform offers to that type."""
        return [
            (rule.profile.code, rule.profile.label)
            for rule in self.rules
            if (rule.platform.code, rule.kind, rule.way_in) == (code, kind, WayIn.FORM)
        ]

    def list_platforms(self, kind: str) -> list[Platform]:
        """The platforms that a type of establishment may ask for."""
        found = {rule.platform_id: rule.platform for rule in self.rules if rule.kind == kind}
        return list(found.values())


def is_given_later(platform: Platform, kind: str, profile: Profile | None) -> bool:
    """Whether this profile is asked for once the access is open."""
    rules = AdmissionRule.objects.filter(platform=platform, kind=kind, way_in=WayIn.LATER)
    return profile is not None and rules.filter(profile=profile).exists()
