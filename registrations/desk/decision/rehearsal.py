"""The exact mail of an act before the act: the verb is run, its mail is built, all is undone.

So the preview asks what the verb asks (state, version, texts), and shows what would leave, by the
very builder that the worker calls. Nothing is kept: a verb only writes to the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form

from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.requests.models import Request


@dataclass(frozen=True, slots=True)
class MailPreview:
    """`act`: the name of the address that does it. `facts`: what is recorded beside the mail."""

    letter: Message
    form: Form
    act: str
    send: str
    facts: tuple[tuple[str, str], ...] = ()
    grave: bool = True  # it takes something away from the person


def build_mail_of_act(
    verb: Callable[[], object], kind: str, item: Request, now: datetime
) -> Message | None:
    """What `verb` would send of this kind about `item`. Raises what the verb refuses."""
    return build_mail_of_verb(verb, Mail.objects.filter(kind=kind, subject_id=item.pk), now)


def build_mail_of_verb(
    verb: Callable[[], object], mails: QuerySet[Mail], now: datetime
) -> Message | None:
    """The same, where the verb makes the row that the mail is about; `mails`: those it may be."""
    with transaction.atomic():
        before = list(mails.values_list("pk", flat=True))
        verb()
        made = mails.exclude(pk__in=before).first()
        letter = build_message(made, now) if made else None
        transaction.set_rollback(True)
    return letter
