"""Which text words a mail, and the verbs of the national administrator on it."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from mgestion import slots
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.acts import MailAct
from mgestion.outbox.catalogue.checking import find_problems
from mgestion.outbox.catalogue.kinds import MailContent, MailKind
from mgestion.outbox.catalogue.rendering import (
    MailSource,
    Message,
    read_original_source,
    render_source,
)
from mgestion.outbox.models import Mail, MailText

_log = logging.getLogger(__name__)
_TEXT_CHANGED_MEANWHILE: Final = WrongState(
    "mail_text.outrun",
    "Ce texte a été modifié entre-temps. Le vôtre est gardé ci-dessous\u00a0: comparez-le à "
    "l’historique, puis enregistrez de nouveau.",
)


def build_message(mail: Mail, now: datetime) -> Message | None:
    """What `mail` says now; None when nothing is left to say. Reads only."""
    kind: MailKind = slots.mail_kinds[mail.kind]
    content = kind.build(mail, now)
    return render_mail(kind, content) if content is not None else None


def render_mail(kind: MailKind, content: MailContent) -> Message:
    """By the edited text if there is one that holds, else by the original."""
    edited = get_latest_text(kind.code)
    if edited is not None and not edited.is_original:
        try:
            source = MailSource(edited.subject, edited.body)
            if problems := find_problems(kind, source):
                raise ValueError("; ".join(problems))
            return render_source(kind, source, content)
        except Exception:  # noqa: BLE001  # a mail never gets lost because of its wording
            _log.exception("The edited text of %s cannot be rendered", kind.code)
            message = render_source(kind, read_original_source(kind.template), content)
            return replace(message, faulty_text=edited.pk)
    return render_source(kind, read_original_source(kind.template), content)


def get_latest_text(code: str) -> MailText | None:
    return MailText.objects.filter(kind=code).order_by("-number").first()


def get_current_source(kind: MailKind) -> MailSource:
    """The text as it stands, to edit."""
    edited = get_latest_text(kind.code)
    if edited is None or edited.is_original:
        return read_original_source(kind.template)
    return MailSource(edited.subject, edited.body)


def get_latest_texts() -> dict[str, MailText]:
    """By kind, the row that holds."""
    # Few rows: a person writes each.
    return {row.kind: row for row in MailText.objects.order_by("number")}


def list_faulty_texts() -> list[MailText]:
    """Edited texts that the portal does not use, because they do not hold (any more)."""
    return [
        row
        for row in get_latest_texts().values()
        if not row.is_original
        and row.kind in slots.mail_kinds
        and (
            row.failed_at is not None
            or find_problems(slots.mail_kinds[row.kind], MailSource(row.subject, row.body))
        )
    ]


def record_text_failure(text_id: int, now: datetime) -> None:
    """Once a text: staff see it on their home page until it is corrected or taken back."""
    MailText.objects.filter(pk=text_id, failed_at__isnull=True).update(failed_at=now)


def change_mail_text(
    kind: MailKind, source: MailSource, *, seen: int, actor: Actor, now: datetime
) -> MailText:
    """Words the mail anew. `seen`: the number that the editor read (0 for none). Refused for a text
    that does not hold, WrongState when somebody was faster.
    """
    if problems := find_problems(kind, source):
        raise Refused("mail_text.faulty", " ".join(problems))
    return _write_text(kind, source, seen=seen, act=MailAct.MAIL_TEXT_CHANGED, actor=actor, now=now)


def restore_original_text(kind: MailKind, *, seen: int, actor: Actor, now: datetime) -> MailText:
    """Gives the portal's own text back. WrongState when it holds already, or somebody was
    faster.
    """
    latest = get_latest_text(kind.code)
    if latest is None or latest.is_original:
        raise WrongState("mail_text.original", "Cet e-mail a déjà son texte d’origine.")
    empty = MailSource("", "")
    return _write_text(kind, empty, seen=seen, act=MailAct.MAIL_TEXT_RESTORED, actor=actor, now=now)


def _write_text(
    kind: MailKind, source: MailSource, *, seen: int, act: MailAct, actor: Actor, now: datetime
) -> MailText:
    latest = get_latest_text(kind.code)
    if (latest.number if latest else 0) != seen:
        raise _TEXT_CHANGED_MEANWHILE
    agent_id = actor.agent_id
    if agent_id is None:
        raise ValueError("A mail is worded by an agent.")
    try:
        with transaction.atomic():
            row = MailText.objects.create(
                kind=kind.code,
                number=seen + 1,
                subject=source.subject,
                body=source.body,
                written_by=agent_id,
                written_at=now,
            )
            write_journal_entry(
                act,
                actor=actor,
                object_type="mailtext",
                object_id=str(row.pk),
                reason=kind.code,
                now=now,
            )
    except IntegrityError as taken:  # the same number, at the same moment
        raise _TEXT_CHANGED_MEANWHILE from taken
    return row
