"""The six-monthly access review: when it is due, which accounts it asks about, what its page shows.

Each establishment has its own cycle, counted from its last review or, before the first, from the
day when it got an Administrateur. An unanswered review changes no access.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import DateTimeField, Exists, F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import ADMINISTRATOR_ROLES, Role
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.text.dates import (
    add_months,
    end_of_paris_day,
    french_date,
    last_day_before,
    paris_date,
)
from registrations.establishments.colleagues import Colleague
from registrations.establishments.models import AccessReview, ReviewAnswer
from registrations.requests.enums import ReviewChoice

ACCESS_REVIEW_MAIL: Final = "registrations.access_review"
ACCESS_REVIEW_REMINDER_MAIL: Final = "registrations.access_review_reminder"


def compute_next_review_date(anchor: datetime, months: int) -> date:
    """The Paris date of the next review. Pure."""
    return add_months(paris_date(anchor), months)


def format_last_day(review: AccessReview) -> str:
    """The last day to answer, as « mardi 17 mars 2026 »."""
    return french_date(last_day_before(review.due_at))


def compute_review_deadline(opened_at: datetime) -> datetime:
    return end_of_paris_day(
        paris_date(opened_at) + timedelta(days=int(settings.ACCESS_REVIEW_DAYS))
    )


def select_establishments_to_review(now: datetime) -> QuerySet[Any]:
    """Establishments whose review may be due, longest waiting first, annotated with `anchor`, the
    start of their cycle. They have an active Administrateur, and an access of somebody else.

    The filter is a few days too wide, because months vary: `compute_next_review_date` decides.
    """
    ours = Access.objects.open().filter(establishment=OuterRef("pk"))
    others = (
        Access.objects.open()
        .filter(
            establishment=OuterRef("establishment"),
            user__status=Status.ACTIVE,
            user__is_staff=False,
            user__is_superuser=False,
        )
        .exclude(user=OuterRef("user"))
    )
    chiefs = ours.filter(
        Exists(others),
        role__in=ADMINISTRATOR_ROLES,
        platform__enabled=True,
        user__status=Status.ACTIVE,
    )
    first = (
        Access.objects.filter(establishment=OuterRef("pk"), role__in=ADMINISTRATOR_ROLES)
        .order_by()
        .values("establishment")
        .annotate(at=Min("granted_at"))
        .values("at")
    )
    latest = AccessReview.objects.filter(establishment=OuterRef("pk")).order_by("-opened_at")
    before = add_months(paris_date(now), -int(settings.ACCESS_REVIEW_MONTHS)) + timedelta(days=4)
    anchor = Coalesce(
        Subquery(latest.values("opened_at")[:1]), Subquery(first), output_field=DateTimeField()
    )
    return (
        Establishment.objects.filter(Exists(chiefs))
        .annotate(anchor=anchor)
        .filter(anchor__lt=end_of_paris_day(before))
        .order_by("anchor", "pk")
    )


def select_overdue_reviews(now: datetime) -> QuerySet[AccessReview]:
    """Open reviews whose deadline has passed, for the délégation to look at."""
    return AccessReview.objects.open().filter(due_at__lte=now)


def _select_pending_accesses(review: Any, establishment: Any, opened_at: Any) -> Any:
    """Accesses whose holders still need an answer: active, not staff, granted before the review,
    with another Administrateur to answer for them. The arguments are values or OuterRefs (for
    `review`, an OuterRef nested one level deeper).

    Nobody is asked about an Administrateur who has answered for somebody: they are evidently still
    there. So an Administrateur without a peer can finish the review.
    """
    said = ReviewAnswer.objects.filter(review=review)
    others = (
        Access.objects.open()
        .filter(
            establishment=OuterRef("establishment"),
            role__in=ADMINISTRATOR_ROLES,
            platform__enabled=True,
            user__status=Status.ACTIVE,
        )
        .exclude(user=OuterRef("user"))
    )
    return Access.objects.open().filter(
        Exists(others),
        ~Exists(said.filter(user=OuterRef("user"))),
        ~Exists(said.filter(answered_by=OuterRef("user__public_id"))),
        establishment=establishment,
        granted_at__lte=opened_at,
        user__status=Status.ACTIVE,
        user__is_staff=False,
        user__is_superuser=False,
    )


def select_pending_accounts(review: AccessReview) -> QuerySet[User]:
    """The accounts that still need an answer."""
    left = _select_pending_accesses(review.pk, review.establishment_id, review.opened_at)
    return User.objects.filter(pk__in=left.values("user_id"))


def select_exhausted_reviews() -> QuerySet[AccessReview]:
    """Open reviews without any account left to ask about, for example because people left."""
    left = _select_pending_accesses(
        OuterRef(OuterRef("pk")), OuterRef("establishment"), OuterRef("opened_at")
    )
    return AccessReview.objects.open().filter(~Exists(left))


def find_current_review(establishment: Establishment) -> AccessReview | None:
    """The open review, else the latest one, else None."""
    return (
        AccessReview.objects.filter(establishment=establishment)
        .order_by(F("closed_at").desc(nulls_first=True), "-opened_at")
        .first()
    )


def get_open_reviews(establishments: Iterable[Establishment]) -> dict[int, AccessReview]:
    """The open reviews, by the id of their establishment."""
    found = AccessReview.objects.open().filter(establishment__in=list(establishments))
    return {review.establishment_id: review for review in found}


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """An account on the review page. `said`: the given answer in words; `note`: why no answer is
    asked.
    """

    row: Colleague
    asked: bool
    said: str = ""
    note: str = ""


def build_review_lines(review: AccessReview, rows: list[Colleague]) -> list[ReviewLine]:
    """The lines of `rows`, in two queries."""
    ids = [row.person.pk for row in rows]
    answers = {
        answer.user_id: answer
        for answer in ReviewAnswer.objects.filter(review=review, user__in=ids)
    }
    names = {
        user.public_id: user.full_name
        for user in User.objects.filter(
            public_id__in={answer.answered_by for answer in answers.values()}
        )
    }
    return [build_review_line(review, row, answers.get(row.person.pk), names) for row in rows]


def build_review_line(
    review: AccessReview, row: Colleague, answer: ReviewAnswer | None, names: dict[UUID, str]
) -> ReviewLine:
    """Pure."""
    if answer is not None:
        return ReviewLine(
            row, asked=False, said=format_answer(answer, names.get(answer.answered_by, ""))
        )
    if row.refusal:
        return ReviewLine(row, asked=False, note=row.refusal)
    if not row.may_deactivate:
        return ReviewLine(
            row, asked=False, note="Rien à répondre\u00a0: ce compte n’est pas actif."
        )
    if all(access.granted_at > review.opened_at for access in row.accesses):
        return ReviewLine(
            row,
            asked=False,
            note="Rien à répondre\u00a0: cet accès a été accordé après l’ouverture de la revue.",
        )
    return ReviewLine(row, asked=review.closed_at is None)


def format_answer(answer: ReviewAnswer, by: str) -> str:
    """« Conservé. Réponse d’Ada Fictive, mardi 17 mars 2026. » Pure."""
    what = ReviewChoice(answer.choice).label
    if answer.role:
        what = f"{what}\u00a0: {Role(answer.role).label}"
    return f"{what}. Réponse de {by or 'un administrateur'}, {french_date(answer.answered_at)}."
