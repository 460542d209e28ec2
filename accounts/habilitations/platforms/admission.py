"""Which roles a type of establishment may have on a platform, read from the table of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, Q, QuerySet

from accounts.habilitations.enums import EstablishmentKind, Role, WayIn
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.habilitations.reference.models import Profile

# What somebody may ask for by themselves; a type without such a rule has no request online.
ASKED_ONLINE: Final = (WayIn.FORM, WayIn.DEFAULT)
# In the order of the models' fields, as `Model.from_db` wants them.
_PLATFORM_COLUMNS: Final = ("id", "code", "name", "tile_title")
_PROFILE_COLUMNS: Final = ("id", "code", "label")
_Row = TypeVar("_Row", bound=Model)


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


@dataclass(frozen=True, slots=True)
class OnlineRule:
    platform: Platform
    kind: str
    way_in: str
    profile: Profile
    role: Role


class OnlineAdmissions:
    """The rules by which people ask for the open platforms by themselves, and where people of a
    Cabinet RH are invited: one statement for all that a form reads of them, and one object for a
    platform or a profile of several rules. Columns that no form shows are loaded when asked for.
    """

    def __init__(self) -> None:
        self.rules: list[OnlineRule] = []
        self.inviting: set[str] = set()  # codes of the platforms that invite people of a Cabinet RH
        self.platforms: dict[int, Platform] = {}  # the open ones that have a rule, by key
        profiles: dict[int, Profile] = {}
        for kind, way_in, role, *values in _select_rule_values().all():
            of_platform = values[: len(_PLATFORM_COLUMNS)]
            platform = _share_row(self.platforms, Platform, _PLATFORM_COLUMNS, of_platform)
            if way_in == WayIn.INVITATION:
                self.inviting.add(platform.code)
                continue
            of_profile = values[len(_PLATFORM_COLUMNS) :]
            profile = _share_row(profiles, Profile, _PROFILE_COLUMNS, of_profile)
            self.rules.append(OnlineRule(platform, kind, way_in, profile, Role(role)))

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

    def list_administrator_profiles(self, code: str, kind: str) -> list[str]:
        """Codes of the profiles that make an administrator of that type on that platform."""
        return [
            rule.profile.code
            for rule in self.rules
            if (rule.platform.code, rule.kind) == (code, kind) and rule.role.is_administrator
        ]

    def list_platforms(self, kind: str) -> list[Platform]:
        """The platforms that a type of establishment may ask for."""
        found = {rule.platform.pk: rule.platform for rule in self.rules if rule.kind == kind}
        return list(found.values())


def is_given_later(platform: Platform, kind: str, profile: Profile | None) -> bool:
    """Whether this profile is asked for once the access is open."""
    rules = AdmissionRule.objects.filter(platform=platform, kind=kind, way_in=WayIn.LATER)
    return profile is not None and rules.filter(profile=profile).exists()


@cache
def _select_rule_values() -> QuerySet[AdmissionRule, tuple[Any, ...]]:
    """Every form asks it: written once, never evaluated itself."""
    invited = Q(way_in=WayIn.INVITATION, kind=EstablishmentKind.CABINET_RH)
    rules = AdmissionRule.objects.filter(
        invited | Q(way_in__in=ASKED_ONLINE), platform__enabled=True
    )
    return rules.order_by(
        "platform__position",
        "platform__name",
        "way_in",  # the default one first
        "profile__position",
        "profile__label",
    ).values_list(
        "kind",
        "way_in",
        "role",
        *(f"platform__{column}" for column in _PLATFORM_COLUMNS),
        *(f"profile__{column}" for column in _PROFILE_COLUMNS),
    )


def _share_row(
    known: dict[int, _Row], model: type[_Row], columns: Sequence[str], values: Sequence[Any]
) -> _Row:
    key = values[0]
    if key not in known:
        known[key] = model.from_db(DEFAULT_DB_ALIAS, columns, values)
    return known[key]
