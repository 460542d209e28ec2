"""Inventory of personal data: the answers of access reviews."""

from accounts.personal_data import KEPT_STAFF
from mgestion.personal_data import ErasureStage, PersonalData, describe_acts, select_rows
from registrations.establishments.models import ReviewAnswer
from registrations.personal_data.requests import KEPT

ENTRIES = {
    "registrations.review_answer": PersonalData(
        title="Ce qui a été répondu de votre compte dans les revues des accès",
        columns=("registrations.reviewanswer.user",),
        reason="Says something of the account only; goes with it.",
        kept=KEPT,
        rows=select_rows(ReviewAnswer, "user", "review__establishment"),
        shown=(
            ("Établissement", lambda answer: answer.review.establishment.name),
            "answered_at",
            "choice",
            "role",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.review_answered_by": describe_acts(
        "Vos réponses dans les revues des accès",
        ReviewAnswer,
        "answered_by",
        "answered_at",
        "choice",
        reason="Who answered for a colleague is shown to the next administrator, by reference.",
        kept=KEPT_STAFF,
    ),
}
