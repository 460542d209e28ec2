"""The open access reviews that wait for an Administrateur (`slots.to_do`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import ADMINISTRATOR_ROLES
from accounts.people.models import User
from accounts.people.to_do import ToDoLine, ToDoSource, Urgency
from mgestion.text.dates import french_last_day
from registrations.establishments.models import AccessReview
from registrations.establishments.views import build_review_url


def select_awaited_reviews(user: User) -> QuerySet[AccessReview]:
    """The open reviews of the establishments that `user` administers."""
    held = Access.objects.open().filter(
        user=user, role__in=ADMINISTRATOR_ROLES, platform__enabled=True
    )
    return AccessReview.objects.open().filter(establishment__in=held.values("establishment"))


def list_review_lines(user: User, now: datetime) -> Iterable[ToDoLine]:
    for review in select_awaited_reviews(user).select_related("establishment"):
        place, late = review.establishment, now >= review.due_at
        yield ToDoLine(
            Urgency.AWAITED,
            f"Vérifiez les accès de {place.name}",
            "Dites, pour chaque compte, qui garde son accès.",
            "Vérifier les accès",
            build_review_url(place),
            review.due_at,
            f"Une réponse était attendue jusqu’au {french_last_day(review.due_at)}" if late else "",
            establishment=place.pk,
            tile="Accès à vérifier",
        )


# Wider than `select_awaited_reviews`: whatever the role of the person there.
_WAITS: Final = """
    EXISTS (SELECT 1 FROM habilitations_access AS held
            JOIN registrations_accessreview AS review
              ON review.establishment_id = held.establishment_id
            WHERE held.user_id = %s AND held.ended_at IS NULL AND review.closed_at IS NULL)"""
SOURCE: Final = ToDoSource(
    waits=lambda user, _now: (_WAITS, [user.pk]), list_lines=list_review_lines
)
