"""The conversation about a request: messages, askings and answers, oldest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from registrations.conversation.models import RequestMessage
from registrations.requests.document_models import Asking, Upload
from registrations.requests.models import Request

# Of a long conversation, the page shows the latest first, and folds the others.
SHOWN_AT_ONCE: Final = 5


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """What one side said. `asking`: what is awaited since then, when it is an asking, or what this
    answers. `unread`: the other side has neither answered nor marked it as read.
    """

    at: datetime
    by_staff: bool
    text: str
    files: list[Upload] = field(default_factory=list)
    asking: Asking | None = None
    agent: UUID | None = None
    unread: bool = False
    number: int = 0  # of a message


@dataclass(frozen=True, slots=True)
class Thread:
    entries: list[ThreadEntry]

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def shown(self) -> int:
        """The number of the last message: what a post from this page says that it has shown."""
        return max((entry.number for entry in self.entries), default=0)

    @property
    def earlier(self) -> list[ThreadEntry]:
        """The entries that are folded."""
        return self.entries[:-SHOWN_AT_ONCE]

    @property
    def latest(self) -> list[ThreadEntry]:
        return self.entries[-SHOWN_AT_ONCE:]


def load_thread(request: Request, askings: Iterable[Asking] | None = None) -> Thread:
    """A fixed number of statements; fewer where the `askings` of the request are given, with their
    uploads.
    """
    if askings is None:
        askings = Asking.objects.filter(request=request).prefetch_related("uploads")
    messages = RequestMessage.objects.filter(request=request).prefetch_related("uploads")
    found = [
        ThreadEntry(
            message.sent_at,
            message.by_staff,
            message.text,
            list(message.uploads.all()),
            agent=message.written_by,
            unread=_is_unread(request, message.sent_at, by_staff=message.by_staff),
            number=message.pk,
        )
        for message in messages
    ]
    for asking in askings:
        if not asking.is_unasked:
            found.append(
                ThreadEntry(
                    asking.asked_at, True, asking.message, asking=asking, agent=asking.asked_by
                )
            )
        if asking.answered_at is not None:
            found.append(
                ThreadEntry(
                    asking.answered_at,
                    False,
                    asking.answer,
                    list(asking.uploads.all()),
                    asking=asking,
                    unread=_is_unread(request, asking.answered_at, by_staff=False),
                )
            )
    return Thread(sorted(found, key=lambda entry: entry.at))


def _is_unread(request: Request, at: datetime, *, by_staff: bool) -> bool:
    since = request.person_unread_since if by_staff else request.desk_unread_since
    return since is not None and at >= since
