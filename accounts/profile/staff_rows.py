"""Requests on rights among the staff pages."""

import re
from typing import Final

from django.db.models import Q

from accounts.profile.models import RightsRequest
from mgestion.admin.related_rows import RelatedRows
from mgestion.admin.row_kinds import RowKind
from mgestion.text.dates import french_date

_REFERENCE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)-([0-9a-f]{4})", re.IGNORECASE)


def match_rights_reference(text: str) -> Q | None:
    """« 20260317-4F2A »: the day it came, and the beginning of its id."""
    found = _REFERENCE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, start = found.groups()
    return Q(
        received_on__year=year,
        received_on__month=month,
        received_on__day=day,
        id__gte=f"{start}0000-0000-0000-0000-000000000000",
        id__lte=f"{start}ffff-ffff-ffff-ffff-ffffffffffff",
    )


def _describe_rights_request(row: RightsRequest) -> str:
    return f"{row.get_right_display()}, {row.get_state_display()}, reçue le " + french_date(
        row.received_on
    )


KINDS = {
    "rights": RowKind(
        model=RightsRequest,
        title="Demandes d’exercice de droits",
        keys=("id",),
        facts=_describe_rights_request,
        order=("-created_at", "pk"),
        place=60,
        searched=True,
        exact=match_rights_reference,
    )
}
RELATIONS = (
    RelatedRows(of="account", kind="rights", where=lambda user: Q(person=user.public_id)),
    RelatedRows(
        of="rights",
        kind="account",
        title="Compte",
        where=lambda row: Q(public_id=row.person) if row.person else Q(pk__in=()),
    ),
    RelatedRows(
        of="rights",
        kind="mail",
        where=lambda row: Q(person=row.person, subject_id=row.pk) if row.person else Q(pk__in=()),
    ),
)
