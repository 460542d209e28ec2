"""Inventory of personal data: opinions asked about a request."""

from accounts.personal_data import KEPT_STAFF, STAFF_ACTS
from mgestion.personal_data import (
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    name_columns,
    select_rows,
)
from registrations.desk.opinions.models import Opinion
from registrations.personal_data.requests import KEPT

ENTRIES = {
    "registrations.opinion": PersonalData(
        title="Les avis demandés sur vos demandes",
        columns=("registrations.opinion.request",),
        reason="Question and answer go with the request.",
        kept=KEPT,
        rows=select_rows(Opinion, "request__user", "request"),
        shown=(
            ("Demande", lambda opinion: opinion.request.reference),
            "asked_at",
            ("Texte", lambda opinion: "Conservé\u202f; communiqué sur demande au DPO"),
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.opinion_asked_of": PersonalData(
        title="Les avis demandés ou donnés par vous",
        columns=name_columns("registrations.opinion", "person", "asked_by", "answered_by"),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=STAFF_ACTS,
        kept=KEPT_STAFF,
        rows=lambda people: (
            Opinion.objects.filter(person__in=people.public_ids)
            | Opinion.objects.filter(asked_by__in=people.public_ids)
            | Opinion.objects.filter(answered_by__in=people.public_ids)
        ),
        shown=("asked_at", "verdict", "closed_at"),
    ),
}
