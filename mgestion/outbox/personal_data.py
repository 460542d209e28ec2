"""Mails, as data about the person they were sent to."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from mgestion.outbox.models import Mail
from mgestion.personal_data import Kept, People, PersonalData, Policy, for_setting

KEPT = Kept(
    50,
    "Texte des courriels envoyés",
    lambda: f"{for_setting('mail_bodies')()}, et jamais plus que le compte",
    "Répondre à qui n’a pas reçu un courriel",
)
# What a mail said and to whom; the row that stays proves that something was sent, and when.
FORGOTTEN: dict[str, Any] = {
    "to": "",
    "subject": "",
    "text": "",
    "html": "",
    "data": {},
    "last_error": "",
}
SHOWN = (
    "kind",
    "created_at",
    "status",
    "accepted_at",
    ("Destinataire", lambda mail: mail.to),
    ("Sujet", lambda mail: mail.subject),
    ("Texte", lambda mail: mail.text),
)


def to_people(people: People) -> QuerySet[Mail]:
    return Mail.objects.filter(person__in=people.public_ids)


def about(subjects: Iterable[UUID] | QuerySet[Any, Any], kinds: Iterable[str]) -> QuerySet[Mail]:
    """Mails of `kinds` about objects, whoever they went to."""
    return Mail.objects.filter(subject_id__in=subjects, kind__in=kinds)


ENTRIES = {
    "outbox.mail": PersonalData(
        title="Courriels qui vous ont été envoyés",
        columns=(
            "outbox.mail.person",
            "outbox.mail.subject_id",
            "outbox.mail.to",
            "outbox.mail.text",
            "outbox.mail.html",
            "outbox.mail.data",
        ),
        policy=Policy.DELETE,
        reason="No mail log survives the account (D29), and nothing more may leave for it.",
        kept=KEPT,
        rows=to_people,
        shown=SHOWN,
    )
}
