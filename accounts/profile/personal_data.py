"""Copies and rights requests, as data about a person."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts.personal_data import describe_staff_acts
from accounts.profile.enums import RequestState
from accounts.profile.models import DataExport, RightsRequest, RightsRequestQuerySet
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    PersonalData,
    RetentionLine,
    format_period,
    format_retention,
    name_columns,
)
from mgestion.text.dates import french_date

KEPT_COPY = RetentionLine(
    14,
    "Copie de vos données, préparée à votre demande",
    lambda: format_period(settings.EXPORT_LIFE),
    "Vous laisser le temps de la lire ou de l’emporter",
)
KEPT_REQUESTS = RetentionLine(
    16,
    "Demandes d’exercice de vos droits",
    lambda: (
        f"{format_retention('rights_requests')} après la réponse\u202f; ce qui vous désigne, "
        "jamais plus que le compte"
    ),
    "Répondre dans le délai, et pouvoir le prouver",
)
# What is left of a request whose person is gone: the right, the dates, the state.
FORGOTTEN: Final = {
    "person": None,
    "name": "",
    "contact": "",
    "contact_key": "",
    "said": "",
    "extension_reason": "",
    "answer": "",
    "notes": "",
}


def _select_requests(people: DataSubjects) -> RightsRequestQuerySet:
    """Theirs, and what came by letter before they had an account, by the address to answer to. One
    that has an account is that account's, whoever has the address since.
    """
    before = Q(person__isnull=True, contact_key__in=people.addresses)
    return RightsRequest.objects.filter(Q(person__in=people.public_ids) | before)


def _forget_requests(people: DataSubjects, now: datetime) -> int:
    """Nobody is left to answer: what still waited is closed."""
    _select_requests(people).open().update(state=RequestState.CLOSED, closed_at=now)
    # In one statement: it empties the columns by which the rows are found.
    return _select_requests(people).update(**FORGOTTEN)


ENTRIES = {
    "profile.export": PersonalData(
        title="Copies de vos données que vous avez demandées",
        columns=("profile.dataexport.user",),
        reason="A copy of everything goes with the account, whether it was read or not.",
        kept=KEPT_COPY,
        rows=lambda people: DataExport.objects.filter(user__in=people.ids).defer("sealed"),
        shown=("asked_at", "ready_at", "expires_at"),
    ),
    "profile.rights": PersonalData(
        title="Vos demandes d’exercice de droits",
        columns=name_columns("profile.rightsrequest", "person", "contact", "contact_key"),
        policy=ErasurePolicy.ANONYMISE,
        reason="That requests are answered in time must be provable; who asked what need not.",
        kept=KEPT_REQUESTS,
        rows=_select_requests,
        shown=(
            ("Référence", lambda row: row.reference),
            "name",
            "contact",
            "right",
            "channel",
            "said",
            ("Reçue le", lambda row: french_date(row.received_on)),
            ("Répondre au plus tard le", lambda row: french_date(row.due_on)),
            "state",
            "acknowledged_at",
            "extended_at",
            "extension_reason",
            "settled_at",
            "answer",
            "closed_at",
            "notes",
        ),
        erase=_forget_requests,
    ),
    "profile.rights_by": describe_staff_acts(
        "Demandes d’exercice de droits que vous avez suivies",
        RightsRequest,
        "handled_by",
        "received_on",
        "right",
    ),
}
