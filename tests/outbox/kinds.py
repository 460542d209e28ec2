"""Mail kinds of the tests, of which each builder does one thing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from mgestion import slots
from mgestion.outbox import flows
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail


def plain(mail: Mail, now: datetime) -> Message | None:
    """Announces the day of the attempt, as a lifecycle notice does."""
    return Message(
        to=str(mail.data.get("to", "lea.fictive@garage.example.org")),
        subject="Votre demande d’accès à M-Gestion",
        text=f"Bonjour,\n{{{{ 3|add:4 }}}} {{% incomplet %}}\nLe {now:%d/%m/%Y}.\n",
        html="<p>Bonjour, l’été à Évry</p>",
        reply_to="delegation.idf@opco.example.org",
        deadline=now.date(),
    )


def broken(mail: Mail, now: datetime) -> Message | None:
    raise LookupError("the request is gone\nFORGED LINE")


def nothing(mail: Mail, now: datetime) -> Message | None:
    return None


def injected(mail: Mail, now: datetime) -> Message | None:
    return Message(
        to="lea.fictive@garage.example.org",
        subject="Bonjour\nBcc: everybody@example.org",
        text="…",
        html="<p>…</p>",
        deadline=date(2026, 3, 17),
    )


def with_key(mail: Mail, now: datetime) -> Message | None:
    link = "https://portail.example.org/inscription/mot-de-passe/s3cr3t-k3y/"
    return Message(
        to="lea.fictive@garage.example.org",
        subject="Créer un mot de passe",
        text=f"Ouvrez {link} puis choisissez.",
        html=f'<a href="{link}">Créer</a>',
    )


KINDS = {
    "tests.plain": plain,
    "tests.broken": broken,
    "tests.nothing": nothing,
    "tests.injected": injected,
    "tests.with_key": with_key,
}


def register() -> None:
    for kind, builder in KINDS.items():
        slots.mail_kinds.register(kind, builder)


def put(
    kind: str = "tests.plain",
    *,
    now: datetime,
    to: str = "",
    subject: UUID | None = None,
    person: UUID | None = None,
) -> Mail:
    """Queues one mail, as a verb does."""
    with transaction.atomic():
        return flows.queue(
            kind,
            subject=subject or uuid4(),
            person=person,
            data={"to": to} if to else None,
            now=now,
        )
