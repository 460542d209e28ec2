"""An Administrateur asks OPCO Mobilités for another role for a colleague.

They grant nothing themselves: the délégation decides. The request is a mail and a journal entry,
one a day per access and role.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import paris_date
from registrations.establishments.colleague_flows import NOT_YOUR_COLLEAGUE
from registrations.establishments.colleagues import find_colleague
from registrations.requests.enums import RegistrationAct

ROLE_ASKED_MAIL = "registrations.role_asked"


def list_askable_roles(access: Access) -> list[tuple[str, str]]:
    """The roles of the platform, except the one held, as (value, label)."""
    known = access.platform.roles or Role.values
    return [
        (role, Role(role).label) for role in Role.values if role in known and role != access.role
    ]


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
        subject=person.public_id,
        cycle=f"access-{access.pk}-{role}-{paris_date(now):%Y%m%d}",
        person=person.public_id,
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
