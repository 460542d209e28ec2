"""Inventory of personal data: the answers of access reviews."""

from django.db.models import QuerySet

from accounts.personal_data import KEPT_STAFF
from mgestion.personal_data import DataSubjects, ErasurePolicy, ErasureStage, PersonalData
from registrations.establishments.models import ReviewAnswer
from registrations.personal_data.requests import KEPT


def _select_answers_about(people: DataSubjects) -> QuerySet[ReviewAnswer]:
    return ReviewAnswer.objects.filter(user__in=people.ids).select_related("review__establishment")


ENTRIES = {
    "registrations.review_answer": PersonalData(
        title="Ce qui a été répondu de votre compte dans les revues des accès",
        columns=("registrations.reviewanswer.user",),
        policy=ErasurePolicy.DELETE,
        reason="Says something of the account only; goes with it.",
        kept=KEPT,
        rows=_select_answers_about,
        shown=(
            ("Établissement", lambda answer: answer.review.establishment.name),
            "answered_at",
            "choice",
            "role",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.review_answered_by": PersonalData(
        title="Vos réponses dans les revues des accès",
        columns=("registrations.reviewanswer.answered_by",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason="Who answered for a colleague is shown to the next administrator, by reference.",
        kept=KEPT_STAFF,
        rows=lambda people: ReviewAnswer.objects.filter(answered_by__in=people.public_ids),
        shown=("answered_at", "choice"),
    ),
}
