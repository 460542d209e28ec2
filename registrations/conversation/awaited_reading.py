"""The messages of the desk that wait for the applicant (`slots.to_do`)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.urls import reverse

from accounts.people.models import User
from accounts.people.to_do import ToDoLine, ToDoSource, Urgency
from registrations.requests.models import Request

_WAITS: Final = (
    'EXISTS (SELECT 1 FROM "registrations_request"'
    ' WHERE "user_id" = %s AND "person_unread_since" IS NOT NULL)'
)


def _is_written_to(user: User, now: datetime) -> tuple[str, Sequence[object]]:
    return _WAITS, (user.pk,)


def list_unread_lines(user: User, now: datetime) -> Iterable[ToDoLine]:
    requests = Request.objects.filter(user=user, person_unread_since__isnull=False)
    for request in requests.select_related("platform").order_by("person_unread_since"):
        page = reverse("registrations:request_status", args=[request.reference])
        yield ToDoLine(
            Urgency.AWAITED,
            f"Votre interlocuteur vous a écrit pour {request.company_name}",
            f"Un message vous attend sur la page de la demande {request.reference}.",
            "Lire le message",
            f"{page}#echanges",
            platform=request.platform.code,
            tile="Un message vous attend",
        )


SOURCE: Final = ToDoSource(_is_written_to, list_unread_lines)
