"""Which roles a type of establishment may have on a platform, read from the table of rules."""

from collections.abc import Mapping
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


def list_form_profiles(platform_code: str, kind: str) -> list[tuple[str, str]]:
    """Codes and labels of the profiles that the form of that platform offers to that type."""
    rules = AdmissionRule.objects.filter(
        platform__code=platform_code, kind=kind, way_in=WayIn.FORM
    ).order_by("profile__position", "profile__label")
    return list(rules.values_list("profile__code", "profile__label"))


def list_requestable_profiles(platform: Platform) -> dict[str, list[Profile]]:
    """By type of establishment, the profiles that a request may ask for, the default one first.

    A type that is missing cannot ask for this platform (D66).
    """
    rules = AdmissionRule.objects.filter(platform=platform, way_in__in=ASKED_ONLINE)
    found: dict[str, list[Profile]] = {}
    for rule in rules.select_related("profile").order_by(
        "way_in", "profile__position", "profile__label"
    ):
        found.setdefault(rule.kind, []).append(rule.profile)
    return found


def is_requestable(
    platform: Platform, kind: str, profile: Profile | None, *, holds_access: bool = False
) -> bool:
    """Whether a person may ask for this profile by themselves, on a platform that is open.
    `holds_access`: to it, for the same establishment; then those that are given later count too.
    """
    ways = (*ASKED_ONLINE, WayIn.LATER) if holds_access else ASKED_ONLINE
    rules = AdmissionRule.objects.filter(platform=platform, platform__enabled=True, way_in__in=ways)
    return rules.filter(kind=kind, profile=profile).exists()


def list_platforms_by_kind() -> Mapping[str, list[Platform]]:
    """By type of establishment, the open platforms that it may ask for online."""
    rules = AdmissionRule.objects.filter(platform__enabled=True, way_in__in=ASKED_ONLINE)
    found: dict[str, dict[int, Platform]] = {}
    for rule in rules.select_related("platform").order_by("platform__position", "platform__name"):
        found.setdefault(rule.kind, {})[rule.platform_id] = rule.platform
    return {kind: list(platforms.values()) for kind, platforms in found.items()}


def is_given_later(platform: Platform, kind: str, profile: Profile | None) -> bool:
    """Whether this profile is asked for once the access is open."""
    rules = AdmissionRule.objects.filter(platform=platform, kind=kind, way_in=WayIn.LATER)
    return profile is not None and rules.filter(profile=profile).exists()
