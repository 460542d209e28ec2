"""Mails to applicants that were never delivered: reported, then settled by an agent."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Q

from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import resend_dead_mail
from mgestion.outbox.models import Mail, MailStatus
from registrations.conversation.flows import TO_PERSON_MAIL
from registrations.desk.acts.reopen import REOPENED_MAIL
from registrations.desk.reminders.models import UndeliveredMail
from registrations.documents.flows import ASKED_MAIL
from registrations.requests.enums import RequestAct, UndeliveredOutcome
from registrations.requests.mail_contents import queue_request_mail
from registrations.requests.models import Request
from registrations.requests.request_guards import lock_for_agent, lock_request
from registrations.requests.request_history import write_request_event
from registrations.requests.suspension_flows import ACCESS_SUSPENDED_MAIL

UNDELIVERED_MAIL: Final = "registrations.undelivered"
# What the person must know of; an acknowledgment or a reminder that is lost decides nothing.
WATCHED_MAIL_KINDS: Final = (
    "registrations.approved",
    "registrations.refused",
    ASKED_MAIL,
    TO_PERSON_MAIL,
    REOPENED_MAIL,
    ACCESS_SUSPENDED_MAIL,
)
MIN_NOTE: Final = 10  # characters: « appelé » says neither who nor when
_BATCH: Final = 500
_log = logging.getLogger(__name__)


def sweep_undelivered(now: datetime) -> dict[str, int]:
    """Report the mails that died; close what the server took after all. One that fails stops no
    other.
    """
    settled = UndeliveredMail.objects.filter(
        Q(closed_at__isnull=True) | Q(outcome=UndeliveredOutcome.TOLD)
    )
    dead = Mail.objects.filter(
        status=MailStatus.DEAD,
        kind__in=WATCHED_MAIL_KINDS,
        subject_id__in=Request.objects.values("pk"),
    ).exclude(pk__in=settled.values("mail"))
    found = 0
    for mail_id in list(dead.order_by("created_at").values_list("pk", flat=True)[:_BATCH]):
        try:
            found += report_undelivered(mail_id, now=now)
        except (Refused, DatabaseError):
            _log.exception("mail %s could not be reported as undelivered", mail_id)
    left = UndeliveredMail.objects.open().values("mail")
    taken = Mail.objects.filter(pk__in=left, status=MailStatus.SENT).values("pk")
    closed = (
        UndeliveredMail.objects.open()
        .filter(mail__in=taken)
        .update(closed_at=now, outcome=UndeliveredOutcome.RESENT)
    )
    return {"undelivered": found, "delivered_after_all": closed}


@transaction.atomic
def report_undelivered(mail_id: UUID, *, now: datetime) -> bool:
    """Shows the request in the queue again, and mails its délégation. False when nothing changed.

    A mail that was sent again and died again is reported again.
    """
    mail = Mail.objects.filter(
        pk=mail_id, status=MailStatus.DEAD, kind__in=WATCHED_MAIL_KINDS
    ).first()
    if mail is None:
        return False
    request = lock_request(mail.subject_id)
    notice, made = UndeliveredMail.objects.get_or_create(
        mail=mail.pk, defaults={"request": request, "kind": mail.kind, "found_at": now}
    )
    if not made:
        if notice.outcome != UndeliveredOutcome.RESENT:
            return False
        notice.found_at, notice.closed_at, notice.closed_by, notice.outcome = now, None, None, ""
        notice.save()
    write_request_event(request, RequestAct.UNDELIVERED, now=now, reason=mail.kind)
    cycle = f"{mail.pk}-{int(now.timestamp())}"
    queue_request_mail(UNDELIVERED_MAIL, request, cycle, now, data={"mail": str(mail.pk)})
    return True


@transaction.atomic
def resend_mail(request_id: UUID, notice_id: int, *, actor_user: User, now: datetime) -> Request:
    """Sends the mail again, to the present address of the account."""
    request, notice = _lock_notice(request_id, notice_id, RequestAct.MAIL_RESENT, actor_user)
    resend_dead_mail(notice.mail, Actor.staff(actor_user), now)
    _close_notice(notice, UndeliveredOutcome.RESENT, actor_user, now)
    write_request_event(request, RequestAct.MAIL_RESENT, agent=actor_user, now=now)
    return request


@transaction.atomic
def record_told_otherwise(
    request_id: UUID, notice_id: int, *, text: str, actor_user: User, now: datetime
) -> Request:
    """The person was told by telephone or by post: how and when, as an internal note."""
    request, notice = _lock_notice(request_id, notice_id, RequestAct.TOLD_OTHERWISE, actor_user)
    if len(text.strip()) < MIN_NOTE:
        raise Refused(
            "note_needed",
            "Dites comment et quand la personne a été prévenue\u00a0: appel, courrier, collègue…",
        )
    _close_notice(notice, UndeliveredOutcome.TOLD, actor_user, now)
    write_request_event(
        request, RequestAct.TOLD_OTHERWISE, agent=actor_user, now=now, internal_note=text.strip()
    )
    return request


def _lock_notice(
    request_id: UUID, notice_id: int, act: RequestAct, actor_user: User
) -> tuple[Request, UndeliveredMail]:
    request = lock_for_agent(request_id, act, actor_user)
    notice = UndeliveredMail.objects.open().filter(pk=notice_id, request=request).first()
    if notice is None:
        raise WrongState("settled", "Cet e-mail non remis est déjà réglé.")
    return request, notice


def _close_notice(notice: UndeliveredMail, outcome: str, actor_user: User, now: datetime) -> None:
    notice.closed_at, notice.closed_by, notice.outcome = now, actor_user.public_id, outcome
    notice.save(update_fields=["closed_at", "closed_by", "outcome"])
