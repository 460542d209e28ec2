"""Another role for a colleague: given by an Administrateur where the platform's table lets them
(`AdmissionRule.administrator_changes`), else asked of OPCO Mobilités.

An asking is a mail and a journal entry, one a day per access and role: the délégation decides.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.accesses.flows import change_role
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import select_administrators, select_open_accesses
from accounts.habilitations.enums import ADMINISTRATOR_ROLES, Role
from accounts.habilitations.platforms.models import AdmissionRule
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import paris_date
from registrations.establishments.colleague_flows import NOT_YOUR_COLLEAGUE, lock_colleague
from registrations.establishments.colleagues import find_colleague
from registrations.requests.enums import RegistrationAct

ROLE_ASKED_MAIL = "registrations.role_asked"
ROLE_CHANGED_MAIL = "registrations.role_changed"
COLLEAGUE_CHANGED_MAIL = "registrations.colleague_role_changed"
_GRANT_REASON = "Changé par un administrateur de l’établissement"


def list_askable_roles(access: Access) -> list[tuple[str, str]]:
    """The roles of the platform, except the one held, as (value, label)."""
    known = access.platform.roles or Role.values
    return [
        (role, Role(role).label) for role in Role.values if role in known and role != access.role
    ]


def list_changeable_roles(viewer: User, access: Access) -> list[tuple[str, str]]:
    """The roles that `viewer` may give at once instead of the one that `access` has, as (value,
    label). Empty unless they are an administrator on that platform for that establishment, and
    unless the table hands them both the role held and the new one, which are never an
    administrator's.
    """
    if access.user_id == viewer.pk or Role(access.role).is_administrator:
        return []
    rules = AdmissionRule.objects.filter(
        platform=access.platform_id,
        kind=access.establishment.kind,
        administrator_changes=True,
    )
    given = set(rules.values_list("role", flat=True))
    if access.role not in given or not _administers(viewer, access):
        return []
    return [
        (role.value, role.label)
        for role in Role
        if role in given and role != access.role and not role.is_administrator
    ]


def _administers(viewer: User, access: Access) -> bool:
    """Whether `viewer` is an administrator of the establishment on the platform of `access`."""
    mine = select_open_accesses(viewer).filter(
        platform=access.platform_id, establishment=access.establishment_id
    )
    return mine.filter(role__in=ADMINISTRATOR_ROLES).exists()


@transaction.atomic
def change_colleague_role(
    viewer: User,
    establishment_key: str,
    public_id: UUID,
    *,
    access_id: int,
    role: str,
    now: datetime,
) -> Access:
    """Give a colleague another role below an administrator's, at once. The colleague, the other
    administrators and the platform are told. Raises Refused, WrongState.

    Both accounts are locked, then the access: what an agent decides at the same moment comes
    before or after, and is checked again.
    """
    place, _, person = lock_colleague(viewer, establishment_key, public_id)
    if person.status != Status.ACTIVE:
        raise WrongState("not_active", f"Le compte de {person} n’est plus actif.")
    access = (
        Access.objects.open()
        .select_for_update(of=("self",))
        .select_related("platform", "establishment")
        .filter(pk=access_id, user=person, establishment=place)
        .first()
    )
    if access is None:
        raise Refused("not_yours", NOT_YOUR_COLLEAGUE)
    if role not in dict(list_changeable_roles(viewer, access)):
        raise Refused(
            "role_not_yours",
            "Vous ne pouvez pas donner ce rôle vous-même\u00a0: demandez-le à la délégation.",
        )
    before = access.role
    changed = change_role(
        access.pk,
        role=role,
        dashboard=access.dashboard,
        actor=Actor.person(viewer),
        reason=_GRANT_REASON,
        now=now,
    )
    said: dict[str, str | int] = {
        "access": access.pk,
        "before": before,
        "role": role,
        "by": str(viewer.public_id),
    }
    cycle = f"access-{access.pk}-{now:%Y%m%dT%H%M%S%f}"
    told = [(ROLE_CHANGED_MAIL, person.public_id)]
    others = select_administrators(place).exclude(pk__in=(viewer.pk, person.pk))
    told += [(COLLEAGUE_CHANGED_MAIL, other.public_id) for other in others]
    for kind, reader in told:
        queue_mail(kind, person=reader, cycle=cycle, data=said, now=now)
    return changed


@transaction.atomic
def ask_for_role(
    viewer: User,
    establishment_key: str,
    public_id: UUID,
    *,
    access_id: int,
    role: str,
    now: datetime,
) -> None:
    """Mail the request and journal it. Raises Refused if the viewer may not see the access, or for
    an unknown role."""
    found = find_colleague(viewer, establishment_key, public_id)
    if found is None:
        raise Refused("not_yours", NOT_YOUR_COLLEAGUE)
    place, _, person = found
    access = (
        Access.objects.open()
        .select_related("platform")
        .filter(pk=access_id, user=person, establishment=place)
        .first()
    )
    if access is None:
        raise Refused("not_yours", NOT_YOUR_COLLEAGUE)
    if role not in dict(list_askable_roles(access)):
        raise Refused("role_unknown", "Choisissez un rôle de cette plateforme.")
    queue_mail(
        ROLE_ASKED_MAIL,
        person=person.public_id,
        cycle=f"access-{access.pk}-{role}-{paris_date(now):%Y%m%d}",
        data={"access": access.pk, "role": role},
        now=now,
    )
    write_journal_entry(
        RegistrationAct.ACCESS_ROLE_ASKED,
        actor=Actor.person(viewer),
        object_type="access",
        object_id=str(access.pk),
        person=person.public_id,
        detail={"before": access.role, "role": role},
        now=now,
    )
