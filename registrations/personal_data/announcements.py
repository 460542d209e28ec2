"""Inventory of personal data: mails to others that name somebody, about their access."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.habilitations.personal_data import list_readers_beside, select_mails_about_accesses
from mgestion.outbox.flows import FORGOTTEN_FIELDS
from mgestion.outbox.models import Mail
from mgestion.outbox.personal_data import KEPT
from mgestion.personal_data import DataSubjects, ErasurePolicy, ErasureStage, PersonalData
from registrations.accesses.leave_flows import COLLEAGUE_LEFT_MAIL
from registrations.establishments.role_flows import COLLEAGUE_CHANGED_MAIL, ROLE_CHANGED_MAIL


def _select_mails_naming(people: DataSubjects) -> QuerySet[Mail]:
    """To administrators, that these people left or got another role; to colleagues, that these
    people gave them one.
    """
    by = Q(
        kind__in=(ROLE_CHANGED_MAIL, COLLEAGUE_CHANGED_MAIL),
        data__by__in=[str(public_id) for public_id in people.public_ids],
    )
    return select_mails_about_accesses(
        people,
        (COLLEAGUE_LEFT_MAIL, COLLEAGUE_CHANGED_MAIL),
        readers=list_readers_beside(people),
        more=by,
    )


def _forget_mails_naming(people: DataSubjects, now: datetime) -> int:
    """The mails are their readers': what they said is forgotten, that they were sent is not."""
    return _select_mails_naming(people).update(**FORGOTTEN_FIELDS)


ENTRIES = {
    "registrations.announcements": PersonalData(
        title="E-mails qui ont dit à d’autres votre départ ou un changement de rôle",
        policy=ErasurePolicy.ANONYMISE,
        reason="The mail is its reader's; what it says of the person is forgotten.",
        kept=KEPT,
        rows=_select_mails_naming,
        shown=("created_at", "accepted_at"),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=_forget_mails_naming,
    ),
}
