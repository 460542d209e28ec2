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
from django.http import HttpRequest, JsonResponse

from mgestion.errors import Refused, WrongState
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


# --- the same preview for the script that shows it beside the form while it is filled in ---------


def is_live_preview(http: HttpRequest) -> bool:
    """The script asks for what would leave; nothing it posts ever does the act."""
    return http.headers.get("Accept", "") == "application/json"


def answer_letter(letter: Message, facts: tuple[tuple[str, str], ...]) -> JsonResponse:
    shown = {"to": letter.to, "subject": letter.subject, "text": letter.text}
    return JsonResponse({**shown, "facts": [list(fact) for fact in facts]})


def answer_faults(form: Form) -> JsonResponse:
    """What is to be mended before there is a mail, in the words of the fields."""
    said = [str(error) for errors in form.errors.values() for error in errors]
    return JsonResponse({"missing": said})


def answer_refusal(refusal: Refused) -> JsonResponse:
    """`over`: nothing more can be sent from this page."""
    over = isinstance(refusal, WrongState)
    return JsonResponse({"missing": [refusal.message], "over": over})
