"""Changes of establishments and accesses (those on agents: `flows_staff`). Each is
atomic and leaves its line in the journal.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from accounts.habilitations.accesses import change_feed
from accounts.habilitations.accesses.models import FORGOTTEN_NAME, Access, Establishment
from accounts.habilitations.accesses.querysets import select_administrators
from accounts.habilitations.accesses.search_words import index_establishments
from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import ChangeKind, Dashboard, EstablishmentKind, Role
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import french_moment

NEW_ACCESS_MAIL = "habilitations.new_access"
SUSPENDED_MAIL = "habilitations.access_suspended"
RESTORED_MAIL = "habilitations.access_restored"
ANY_ROLE: Final = ("*", "*")
_NO_SUSPENSION: Final[Mapping[str, Any]] = {
    "suspended_at": None,
    "suspended_by": None,
    "suspension_reason": "",
}


@transaction.atomic
def create_establishment(
    *,
    siret: str,
    kind: str,
    name: str,
    department: Department,
    branch: Branch | None,
    now: datetime,
) -> Establishment:
    """The establishment of `siret` and `kind`, born now if it is the first approval (D55, D67).

    Two approvals at once make one: the unique constraint decides who creates. What an earlier
    approval wrote stays, for a later applicant's wording of the name is only theirs; a name that
    went with the last account of the establishment is written anew.
    """
    if kind not in EstablishmentKind.values:
        raise Refused("kind_refused", "Ce type d’établissement n’existe pas.")
    establishment, created = Establishment.objects.get_or_create(
        siret=siret,
        kind=kind,
        defaults={"name": name, "department": department, "branch": branch, "created_at": now},
    )
    forgotten = establishment.name == FORGOTTEN_NAME
    if forgotten:
        establishment.name = name
        establishment.save(update_fields=["name"])
    if created or forgotten:
        index_establishments([establishment])
    if establishment.branch_id is None and branch is not None:
        establishment.branch = branch  # born on a platform whose form does not ask for it
        establishment.save(update_fields=["branch"])
    return establishment


@transaction.atomic
def grant_access(
    *,
    user: User,
    platform_code: str,
    role: str,
    establishment: Establishment,
    dashboard: str,
    actor: Actor,
    reason: str,
    now: datetime,
    replacing: tuple[str, str] | None = ANY_ROLE,
) -> Access:
    """Give `user` `role` on a platform for an establishment; the administrators already there are
    told (D59).

    An open access gets the role in place, the old one being kept in the journal: there are never
    two. One that was suspended stays over: what is granted now stands for it. `reason` is the
    agent's words, kept on the access and not in the journal. `replacing`: the role and the
    dashboard that the agent was shown on an access that is open already (None: there was none);
    what changed since is refused. Raises Refused, WrongState.
    """
    refuse_own_access(user, actor)
    platform = require_open_platform(Platform.objects.filter(code=platform_code).first())
    refuse_firm_on_mgestion(platform, establishment)
    _refuse_unknown_role(role, dashboard)
    facts = build_grant_values(role, dashboard, actor, reason, now)
    access, created = Access.objects.select_for_update().get_or_create(
        user=user, platform=platform, establishment=establishment, ended_at=None, defaults=facts
    )
    held = None if created else (access.role, access.dashboard)
    if replacing not in (ANY_ROLE, held):
        now_held = f"«\u00a0{access.get_role_display()}\u00a0»" if held else "terminé"
        raise WrongState(
            "changed_meanwhile",
            f"L’accès de {user} à {platform} pour cet établissement a changé entre-temps\u00a0: il "
            f"est maintenant {now_held}. Rien n’a été enregistré\u00a0: recommencez.",
        )
    if created:
        Access.objects.suspended().filter(
            user=user, platform=platform, establishment=establishment
        ).update(**_NO_SUSPENSION)
        change_feed.record_access_change(access, ChangeKind.GRANTED, now=now)
        write_access_entry(
            HabilitationAct.ACCESS_GRANTED,
            access,
            actor,
            now,
            {"role": role, "platform": platform.code},
        )
        mail_administrators(access, cycle=f"access-{access.pk}", now=now)
    else:
        _change_access(access, facts, actor, now)
    return access


@transaction.atomic
def change_role(
    access_id: int, *, role: str, dashboard: str, actor: Actor, reason: str, now: datetime
) -> Access:
    """Another role or dashboard for an access that is open; the administrators there are told. One
    that was ended or suspended meanwhile is not opened again. Raises Refused, WrongState.
    """
    access = lock_access(access_id)
    refuse_own_access(access.user, actor)
    if access.ended_at is not None:
        over = "suspendu" if access.suspended_at is not None else "terminé"
        raise WrongState(
            "no_access",
            f"Cet accès est {over} depuis le {french_moment(access.ended_at)}\u00a0: son rôle n’a "
            "pas été changé.",
        )
    require_open_platform(access.platform)
    _refuse_unknown_role(role, dashboard)
    _change_access(access, build_grant_values(role, dashboard, actor, reason, now), actor, now)
    return access


@transaction.atomic
def end_access(access_id: int, *, actor: Actor, reason: str, now: datetime) -> Access:
    """End an access, a suspended one for good. `reason` is a code. Raises Refused, and WrongState
    when it is ended already.
    """
    access = lock_access(access_id)
    refuse_own_access(access.user, actor)
    was_open = access.ended_at is None
    if access.ended_at is not None and access.suspended_at is None:
        raise WrongState(
            "access_ended",
            f"Cet accès est déjà terminé depuis le {french_moment(access.ended_at)}.",
        )
    access.ended_at, access.ended_by = now, actor.account_id
    _save_values(access, _NO_SUSPENSION, "ended_at", "ended_by")
    if was_open:
        change_feed.record_access_change(access, ChangeKind.ENDED, now=now)
    write_access_entry(
        HabilitationAct.ACCESS_ENDED, access, actor, now, _build_detail(access), reason
    )
    return access


@transaction.atomic
def suspend_access(
    access_id: int, *, reason: str, actor: Actor, now: datetime, tell: bool = True
) -> Access:
    """Close an access at once, on its platform only, until it is given back (R110, D45).

    The account and its other accesses stay. `reason` is what the person is told, by the mail of
    this package unless the caller has a better one (`tell`). Raises Refused, WrongState.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("reason_needed", "Dites pourquoi\u00a0: la personne reçoit ce texte.")
    access = lock_access(access_id)
    refuse_own_access(access.user, actor)
    if access.ended_at is not None:
        raise WrongState("no_access", "Cet accès n’est plus ouvert\u00a0: rien n’est à suspendre.")
    access.ended_at, access.ended_by = now, actor.account_id
    suspension = {
        "suspended_at": now,
        "suspended_by": actor.account_id,
        "suspension_reason": reason,
    }
    _save_values(access, suspension, "ended_at", "ended_by")
    change_feed.record_access_change(access, ChangeKind.ENDED, now=now)
    write_access_entry(
        HabilitationAct.ACCESS_SUSPENDED,
        access,
        actor,
        now,
        {**_build_detail(access), "said": reason},
    )
    if tell:
        _mail_person(SUSPENDED_MAIL, access, now)
    return access


@transaction.atomic
def restore_access(access_id: int, *, actor: Actor, now: datetime, tell: bool = True) -> Access:
    """Give a suspended access back as it was: its role, its dashboard, its date. Raises Refused,
    WrongState.
    """
    access = lock_access(access_id)
    refuse_own_access(access.user, actor)
    if access.suspended_at is None:
        raise WrongState("not_suspended", "Cet accès n’est pas suspendu.")
    if not access.platform.enabled:
        raise WrongState("platform_closed", f"{access.platform} n’est pas ouverte.")
    if access.user.status != Status.ACTIVE:
        raise Refused("account_not_active", "Le compte de cette personne n’est pas actif.")
    access.ended_at = access.ended_by = None
    _save_values(access, _NO_SUSPENSION, "ended_at", "ended_by")
    change_feed.record_access_change(access, ChangeKind.GRANTED, now=now)
    write_access_entry(HabilitationAct.ACCESS_RESTORED, access, actor, now, _build_detail(access))
    if tell:
        _mail_person(RESTORED_MAIL, access, now)
    return access


def refuse_own_access(user: User, actor: Actor) -> None:
    """An agent may be a user of the platforms too; another one decides for him."""
    if actor.kind == "staff" and actor.ref == str(user.public_id):
        raise Refused(
            "own_access",
            "Vous ne pouvez pas agir sur vos propres accès\u00a0: un autre agent le fait.",
        )


def mail_administrators(access: Access, *, cycle: str, now: datetime) -> None:
    for person in select_administrators(access.establishment).exclude(pk=access.user_id):
        queue_mail(
            NEW_ACCESS_MAIL,
            person=person.public_id,
            cycle=cycle,
            data={"access": access.pk},
            now=now,
        )


def _mail_person(letter: str, access: Access, now: datetime) -> None:
    queue_mail(
        letter,
        person=access.user.public_id,
        cycle=f"access-{access.pk}-{now:%Y%m%dT%H%M%S%f}",
        data={"access": access.pk},
        now=now,
    )


def _refuse_unknown_role(role: str, dashboard: str) -> None:
    if role not in Role.values or (dashboard and dashboard not in Dashboard.values):
        raise Refused("role_unknown", "Ce rôle ou ce tableau de bord n’existe pas.")


def require_open_platform(platform: Platform | None) -> Platform:
    if platform is None or not platform.enabled:
        raise WrongState(
            "platform_closed",
            "Cette plateforme n’est pas ouverte\u00a0: l’accès n’a pas été accordé.",
        )
    return platform


def refuse_firm_on_mgestion(platform: Platform, establishment: Establishment) -> None:
    """M-Gestion takes no accounting or HR firm; the other platforms may."""
    firms = (EstablishmentKind.CABINET_COMPTABLE, EstablishmentKind.CABINET_RH)
    if platform.code in MGESTION and establishment.kind in firms:
        raise Refused(
            "kind_refused",
            f"{establishment.get_kind_display()}\u00a0: ce type d’établissement n’a pas accès à "
            "M-Gestion. Choisissez une autre plateforme.",
        )


def build_grant_values(
    role: str, dashboard: str, actor: Actor, reason: str, now: datetime
) -> dict[str, Any]:
    """What a decision writes on an access."""
    return {
        "role": role,
        "dashboard": dashboard,
        "granted_at": now,
        "granted_by": actor.account_id,
        "grant_reason": reason[: Access._meta.get_field("grant_reason").max_length],
    }


def _change_access(access: Access, facts: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Of an open access, locked; nothing where nothing changes."""
    before, role = access.role, facts["role"]
    if (before, access.dashboard) == (role, facts["dashboard"]):
        return
    _save_values(access, facts)
    change_feed.record_access_change(access, ChangeKind.CHANGED, now=now)
    detail = {"before": before, "role": role, "platform": access.platform.code}
    write_access_entry(HabilitationAct.ACCESS_ROLE_CHANGED, access, actor, now, detail)
    if before != role and actor.kind != "person":  # who acts for their establishment tells it
        cycle = f"access-{access.pk}-{role}-{now:%Y%m%d%H%M%S}"
        mail_administrators(access, cycle=cycle, now=now)


def lock_access(access_id: int) -> Access:
    rows = Access.objects.select_for_update(of=("self",)).select_related(
        "user", "platform", "establishment"
    )
    return rows.get(pk=access_id)


def _save_values(access: Access, values: Mapping[str, Any], *fields: str) -> None:
    for name, value in values.items():
        setattr(access, name, value)
    access.save(update_fields=[*values, *fields])


def _build_detail(access: Access) -> dict[str, str]:
    return {"role": access.role, "platform": access.platform.code}


def write_access_entry(
    act: HabilitationAct,
    access: Access,
    actor: Actor,
    now: datetime,
    detail: dict[str, str],
    reason: str = "",
) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="access",
        object_id=str(access.pk),
        person=access.user.public_id,
        reason=reason,
        detail=detail,
        now=now,
    )
