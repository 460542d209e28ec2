"""Which agents have the decision page of a request open."""

from datetime import datetime, timedelta
from typing import Final

from accounts.people.models import User
from registrations.desk.decision.models import Presence
from registrations.requests.models import Request

# The page says « still here » each 20 s; two missed in a row mean that it is closed.
PRESENCE_DURATION: Final = timedelta(seconds=50)


def record_presence(request: Request, user: User, now: datetime) -> None:
    """`user` has the page open now."""
    Presence.objects.update_or_create(request=request, user=user, defaults={"seen_at": now})


def list_other_readers(request: Request, user: User, now: datetime) -> list[User]:
    """Everybody else who has it open, by name."""
    rows = Presence.objects.filter(request=request, seen_at__gt=now - PRESENCE_DURATION).exclude(
        user=user
    )
    people = [row.user for row in rows.select_related("user")]
    return sorted(people, key=lambda person: (person.last_name, person.first_name, person.pk))


def purge_old_presences(now: datetime) -> int:
    """Deletes rows older than `PRESENCE_DURATION`."""
    return Presence.objects.filter(seen_at__lt=now - PRESENCE_DURATION).delete()[0]
