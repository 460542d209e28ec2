"""Mail kinds of the tests, of which each builder does one thing."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.template import Engine

from mgestion.outbox import flows
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    line_value,
    link_value,
    register_mails,
)
from mgestion.outbox.models import Mail


def plain(mail: Mail, now: datetime) -> MailContent | None:
    """Announces the day of the attempt, as a lifecycle notice does."""
    return MailContent(
        to=str(mail.data.get("to", "lea.fictive@garage.example.org")),
        values={"said": "{{ 3|add:4 }} {% incomplet %}", "day": f"{now:%d/%m/%Y}"},
        reply_to="delegation.idf@opco.example.org",
        deadline=now.date(),
    )


def broken(mail: Mail, now: datetime) -> MailContent | None:
    raise LookupError("the request is gone\nFORGED LINE")


def nothing(mail: Mail, now: datetime) -> MailContent | None:
    return None


def injected(mail: Mail, now: datetime) -> MailContent | None:
    return MailContent(
        to="lea.fictive@garage.example.org",
        reply_to="lea@example.org\nBcc: everybody@example.org",
        deadline=date(2026, 3, 17),
    )


def with_key(mail: Mail, now: datetime) -> MailContent | None:
    return MailContent(
        to="lea.fictive@garage.example.org",
        values={"action_url": "https://portail.example.org/inscription/mot-de-passe/s3cr3t-k3y/"},
    )


KINDS = (
    MailKind(
        "tests.plain",
        "essai",
        plain,
        (line_value("said", "dit", "…"), line_value("day", "jour", "…")),
    ),
    MailKind("tests.broken", "essai", broken),
    MailKind("tests.nothing", "essai", nothing),
    MailKind("tests.injected", "essai", injected),
    MailKind(
        "tests.with_key",
        "essai",
        with_key,
        (link_value("action_url", "lien", "/x/"),),
        awaited=True,
    ),
)


def register() -> None:
    Engine.get_default().dirs.append(str(Path(__file__).parent / "templates"))
    register_mails(KINDS)


def put(
    kind: str = "tests.plain",
    *,
    now: datetime,
    to: str = "",
    subject: UUID | None = None,
    person: UUID | None = None,
) -> Mail:
    """Queues one mail, as a verb does."""
    subject = subject or uuid4()
    data = {"to": to} if to else None
    with transaction.atomic():
        flows.queue_mail(kind, subject=subject, person=person, data=data, now=now)
    return Mail.objects.get(kind=kind, subject_id=subject, cycle="")
