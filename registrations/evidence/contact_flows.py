"""The list of known contacts is replaced as a whole, or emptied."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.habilitations.staff.permissions import get_staff, may_configure
from accounts.people.administrators import lock_administrators
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.personal_data import delete_rows
from registrations.evidence.contact_files import ContactLine
from registrations.evidence.models import KnownContact
from registrations.requests.enums import RegistrationAct

_BATCH = 1000


@transaction.atomic
def replace_known_contacts(
    lines: Sequence[ContactLine], *, actor_user: User, now: datetime
) -> tuple[int, int]:
    """How many there are now, and how many there were. Of two administrators who import at the
    same moment, the second waits for the first.
    """
    lock_administrators([actor_user.pk])
    if not may_configure(get_staff(actor_user)):
        raise Refused("not_allowed", "Seul un administrateur national remplace cette liste.")
    before = KnownContact.objects.count()
    delete_rows(KnownContact.objects.all())
    KnownContact.objects.bulk_create(
        [
            KnownContact(
                address=line.address,
                address_key=line.key[0],
                siret=line.siret,
                name=line.name,
                imported_at=now,
                imported_by=actor_user.public_id,
            )
            for line in lines
        ],
        batch_size=_BATCH,
    )
    write_journal_entry(
        RegistrationAct.CONTACTS_REPLACED,
        actor=Actor.staff(actor_user),
        object_type="contacts",
        object_id="",
        detail={"contacts": len(lines), "contacts_before": before},
        now=now,
    )
    return len(lines), before


def purge_old_contacts(now: datetime) -> int:
    """Deletes a list that nobody has renewed for RETENTION["known_contacts"]."""
    kept: timedelta = settings.RETENTION["known_contacts"]
    return delete_rows(KnownContact.objects.filter(imported_at__lt=now - kept))
