"""Queries on accesses and establishments."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.habilitations.accesses.models import Access, Establishment, PlatformActivity
from accounts.habilitations.enums import ADMINISTRATOR_ROLES, TRAINING_KINDS
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.habilitations.reference.models import Branch, Department, Dga
from accounts.habilitations.reference.querysets import find_fallback_dga
from accounts.habilitations.staff.permissions import Staff, filter_by_scope, may_see_request
from accounts.people.enums import Status
from accounts.people.models import User


def select_open_accesses(user: User) -> QuerySet[Access]:
    """What `user` may open now: not ended, on a platform that is open; in the platforms' order."""
    return (
        Access.objects.open()
        .filter(user=user, platform__enabled=True)
        .select_related(
            "platform",
            "establishment",
            "establishment__department__delegation",
            "establishment__branch",
        )
        .order_by("platform__position", "platform__name", "-granted_at", "-pk")
    )


def annotate_last_activity(accesses: QuerySet[Access]) -> QuerySet[Access]:
    """`last_at`: when the person was last on the platform of each, or None."""
    seen = PlatformActivity.objects.filter(user=OuterRef("user"), platform=OuterRef("platform"))
    return accesses.annotate(last_at=Subquery(seen.values("last_at")[:1]))


def find_mgestion_access(user: User) -> Access | None:
    """The latest open access of `user` to M-Gestion, whose dashboard they land on, or None."""
    return (
        select_open_accesses(user)
        .filter(platform__code__in=MGESTION)
        .order_by("-granted_at", "-pk")
        .first()
    )


def select_administrators(establishment: Establishment) -> QuerySet[User]:
    """The active people who hold an administrator's role there, on any platform."""
    held = _select_administrator_accesses([establishment.pk])
    return User.objects.filter(pk__in=held.values("user_id"), status=Status.ACTIVE).order_by("pk")


def has_administrator(establishment_ids: Collection[int]) -> bool:
    """Whether one of these establishments has somebody whom `select_administrators` names."""
    return (
        _select_administrator_accesses(establishment_ids)
        .filter(user__status=Status.ACTIVE)
        .exists()
    )


def _select_administrator_accesses(establishment_ids: Collection[int]) -> QuerySet[Access]:
    return Access.objects.open().filter(
        establishment_id__in=establishment_ids,
        role__in=ADMINISTRATOR_ROLES,
        platform__enabled=True,
    )


def select_establishments_without_administrator() -> QuerySet[Establishment]:
    """Where an active person holds an open access on a platform that has administrators for this
    type of establishment, and nobody holds an administrator's role.
    """
    held = Access.objects.open().filter(
        establishment=OuterRef("pk"), platform__enabled=True, user__status=Status.ACTIVE
    )
    administered = AdmissionRule.objects.filter(
        platform=OuterRef("platform"),
        kind=OuterRef("establishment__kind"),
        role__in=ADMINISTRATOR_ROLES,
    )
    return Establishment.objects.filter(
        Exists(held.filter(Exists(administered))),
        ~Exists(held.filter(role__in=ADMINISTRATOR_ROLES)),
    ).order_by("pk")


def in_staff_scope(staff: Staff | None, prefix: str = "") -> Q:
    """The establishments whose délégation or DGA is in the scope of `staff`; `prefix` as in
    "establishment__".

    Training establishments have no branch: theirs is the fallback DGA. Another one without a branch
    has no DGA, as its requests: its délégation handles it.
    """
    rule = filter_by_scope(
        staff, delegation=f"{prefix}department__delegation_id", dga=f"{prefix}branch__dga_id"
    )
    if staff is None or staff.sees_everything or not staff.dga_ids:
        return rule
    fallback = find_fallback_dga()
    if fallback is not None and fallback.pk in staff.dga_ids:
        rule |= Q(**{f"{prefix}branch__isnull": True, f"{prefix}kind__in": TRAINING_KINDS})
        rule |= Q(**{f"{prefix}branch__isnull": False, f"{prefix}branch__dga__isnull": True})
    return rule


def find_establishment_dga(kind: str, branch: Branch | None) -> Dga | None:
    """The DGA that oversees an establishment: the rule of `in_staff_scope`, for one row."""
    if branch is None:
        return find_fallback_dga() if kind in TRAINING_KINDS else None
    return branch.dga or find_fallback_dga()


def may_see_establishment(
    staff: Staff | None, department: Department, kind: str, branch: Branch | None
) -> bool:
    """`in_staff_scope` for an establishment that has no row yet."""
    dga = find_establishment_dga(kind, branch)
    return may_see_request(
        staff, delegation_id=department.delegation_id, dga_id=dga.pk if dga else None
    )
