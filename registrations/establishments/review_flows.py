"""Opens, reminds, answers and closes the access reviews of establishments."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.accesses.querysets import select_administrators
from accounts.people.enums import DeactivationReason, Status
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.text.dates import paris_date
from registrations.establishments import access_reviews, colleague_flows, role_flows
from registrations.establishments.models import AccessReview, ReviewAnswer
from registrations.requests.enums import RegistrationAct, ReviewChoice, ReviewOutcome

BATCH: Final = 500
_JOB: Final = Actor.system("registrations.reviews")


def advance_reviews(now: datetime) -> dict[str, int]:
    """Open the reviews that are due, remind once, close those with nothing left to ask. Idempotent,
    also under concurrency.
    """
    opened = sum(open_review(place, now) for place in _list_due_establishments(now))
    since = now - timedelta(days=int(settings.ACCESS_REVIEW_REMINDER_DAYS))
    silent = (
        AccessReview.objects.open()
        .filter(reminded_at__isnull=True, opened_at__lte=since)
        .order_by("opened_at")
    )
    reminded = sum(
        _remind_administrators(pk, now) for pk in silent.values_list("pk", flat=True)[:BATCH]
    )
    over = access_reviews.select_exhausted_reviews().order_by("opened_at")
    settled = sum(
        _close_exhausted_review(pk, now) for pk in over.values_list("pk", flat=True)[:BATCH]
    )
    return {
        "opened": opened,
        "reminded": reminded,
        "completed": settled,
        "purged": _purge_old_reviews(now),
    }


def _purge_old_reviews(now: datetime) -> int:
    """Deletes reviews closed longer ago than RETENTION["access_reviews"], with their answers; the
    latest of an establishment stays: the next one is counted from it. Returns the number of rows.
    """
    later = AccessReview.objects.filter(
        establishment=OuterRef("establishment"), opened_at__gt=OuterRef("opened_at")
    )
    old = AccessReview.objects.filter(
        Exists(later), closed_at__lt=now - settings.RETENTION["access_reviews"]
    )
    return old.delete()[0]


@transaction.atomic
def answer_review(
    viewer: User,
    review_id: int,
    public_id: UUID,
    *,
    choice: str,
    access_id: int = 0,
    role: str = "",
    now: datetime,
) -> ReviewAnswer:
    """Record the first answer for an account. GONE deactivates it as « Mon établissement » does;
    ROLE asks the délégation for another role. Raises Refused.

    The review is locked first, then the two accounts: of two administrators who answer at once, the
    second is refused.
    """
    if choice not in ReviewChoice.values:
        raise Refused("choice", "Choisissez une réponse.")
    review = (
        AccessReview.objects.select_for_update(of=("self",))
        .select_related("establishment")
        .filter(pk=review_id)
        .first()
    )
    if review is None or review.closed_at is not None:
        raise WrongState(
            "review_over", "Cette vérification est terminée\u00a0: rien n’a été changé."
        )
    place_key = review.establishment.key
    _, _, person = colleague_flows.lock_colleague(viewer, place_key, public_id)
    if person.pk == viewer.pk:
        raise Refused("oneself", "Vous ne répondez pas pour votre propre compte.")
    if ReviewAnswer.objects.filter(review=review, user=person).exists():
        raise WrongState("answered", f"Quelqu’un a déjà répondu pour {person}.")
    if person.status != Status.ACTIVE:
        raise WrongState("not_active", f"Le compte de {person} n’est plus actif.")
    if choice == ReviewChoice.GONE:
        colleague_flows.deactivate_colleague(
            viewer, place_key, public_id, reason=DeactivationReason.LEFT, now=now
        )
    elif choice == ReviewChoice.ROLE:
        role_flows.ask_for_role(
            viewer, place_key, public_id, access_id=access_id, role=role, now=now
        )
    said = ReviewAnswer.objects.create(
        review=review,
        user=person,
        choice=choice,
        role=role if choice == ReviewChoice.ROLE else "",
        answered_at=now,
        answered_by=viewer.public_id,
    )
    _write_review_entry(
        RegistrationAct.ACCESS_REVIEW_ANSWERED,
        review,
        Actor.person(viewer),
        now,
        person.public_id,
        choice,
    )
    _close_if_complete(review, Actor.person(viewer), now)
    return said


def _list_due_establishments(now: datetime) -> list[Establishment]:
    found = access_reviews.select_establishments_to_review(now)[:BATCH]
    today, months = paris_date(now), int(settings.ACCESS_REVIEW_MONTHS)
    return [
        place
        for place in found
        if access_reviews.compute_next_review_date(place.anchor, months) <= today
    ]


@transaction.atomic
def open_review(place: Establishment, now: datetime) -> bool:
    """Open the establishment's review, and close an unfinished one as unanswered."""
    Establishment.objects.select_for_update().get(pk=place.pk)
    latest = AccessReview.objects.filter(establishment=place).order_by("-opened_at").first()
    months = int(settings.ACCESS_REVIEW_MONTHS)
    if latest and access_reviews.compute_next_review_date(latest.opened_at, months) > paris_date(
        now
    ):
        return False  # a concurrent run opened it
    AccessReview.objects.open().filter(establishment=place).update(
        closed_at=now, outcome=ReviewOutcome.UNANSWERED
    )
    review = AccessReview.objects.create(
        establishment=place, opened_at=now, due_at=access_reviews.compute_review_deadline(now)
    )
    _queue_review_mails(review, access_reviews.ACCESS_REVIEW_MAIL, now)
    _write_review_entry(RegistrationAct.ACCESS_REVIEW_OPENED, review, _JOB, now)
    return True


@transaction.atomic
def _remind_administrators(review_id: int, now: datetime) -> bool:
    claimed = (
        AccessReview.objects.open()
        .filter(pk=review_id, reminded_at__isnull=True)
        .update(reminded_at=now)
    )
    if not claimed:
        return False
    review = AccessReview.objects.select_related("establishment").get(pk=review_id)
    if not _close_if_complete(review, _JOB, now):
        _queue_review_mails(review, access_reviews.ACCESS_REVIEW_REMINDER_MAIL, now)
    return True


def _queue_review_mails(review: AccessReview, kind: str, now: datetime) -> None:
    for person in select_administrators(review.establishment):
        queue_mail(
            kind,
            person=person.public_id,
            cycle=f"review-{review.pk}",
            data={"review": review.pk},
            now=now,
        )


@transaction.atomic
def _close_exhausted_review(review_id: int, now: datetime) -> bool:
    review = AccessReview.objects.open().select_for_update().filter(pk=review_id).first()
    return review is not None and _close_if_complete(review, _JOB, now)


def _close_if_complete(review: AccessReview, actor: Actor, now: datetime) -> bool:
    """Close a review that has nothing left to ask, or nobody left to answer."""
    if access_reviews.select_pending_accounts(review).exists():
        return False
    review.closed_at, review.outcome = now, ReviewOutcome.COMPLETED
    if not select_administrators(review.establishment).exists():
        review.outcome = ReviewOutcome.UNANSWERED
    review.save(update_fields=["closed_at", "outcome"])
    _write_review_entry(
        RegistrationAct.ACCESS_REVIEW_CLOSED, review, actor, now, reason=review.outcome
    )
    return True


def _write_review_entry(
    act: RegistrationAct,
    review: AccessReview,
    actor: Actor,
    now: datetime,
    person: UUID | None = None,
    reason: str = "",
) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="access_review",
        object_id=str(review.pk),
        person=person,
        reason=reason,
        now=now,
    )
