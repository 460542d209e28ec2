"""The verbs on requests for a version of the terms."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.habilitations.platforms.models import Platform
from accounts.legal.acts import LegalAct
from accounts.legal.models import TermsRequest, TermsVersion
from accounts.people.addresses import fold_address
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import ANONYMOUS, Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import FORGOTTEN_FIELDS, queue_mail
from mgestion.outbox.models import Mail

SENT: Final = "legal.version_sent"


@transaction.atomic
def ask_for_old_version(
    *, email: str, asked: str, platform: Platform | None = None, now: datetime
) -> TermsRequest:
    """Keeps what was asked. The same words from the same address are one request while it waits.
    `platform`: whose specific conditions; None: the general terms.
    """
    mine = TermsRequest.objects.filter(
        email_key=fold_address(email), asked=asked, platform=platform, answered_at__isnull=True
    ).first()
    if mine is not None:
        return mine
    request = TermsRequest.objects.create(
        email=email, email_key=fold_address(email), platform=platform, asked=asked, created_at=now
    )
    _write_request_entry(request, LegalAct.TERMS_ASKED, ANONYMOUS, now)
    return request


@transaction.atomic
def answer_terms_request(
    pk: UUID, *, version: TermsVersion | None, text: str, actor: Actor, now: datetime
) -> TermsRequest:
    """Sends a published version, or a text in words (one that was never on this portal, say)."""
    request = TermsRequest.objects.select_for_update().get(pk=pk)
    if request.answered_at is not None:
        raise WrongState("terms.answered", "Une réponse est déjà partie pour cette demande.")
    if version is None and not text:
        raise Refused("terms.nothing", "Choisissez une version, ou écrivez une réponse.")
    if version is not None and version.published_at is None:
        raise Refused("terms.draft", "Un brouillon ne s’envoie pas\u00a0: publiez-le d’abord.")
    request.version, request.answer = version, text
    request.answered_at, request.answered_by = now, actor.agent_id
    request.save(update_fields=["version", "answer", "answered_at", "answered_by"])
    _write_request_entry(
        request, LegalAct.TERMS_SENT, actor, now, reason=version.slug if version else ""
    )
    queue_mail(SENT, subject=request.pk, now=now)
    return request


def purge_terms_requests(now: datetime) -> dict[str, int]:
    """After RETENTION["terms_requests"], with what their mails said."""
    old = TermsRequest.objects.filter(created_at__lt=now - settings.RETENTION["terms_requests"])
    return {"requests": delete_terms_requests(old)}


def delete_terms_requests(requests: Any) -> int:
    """Deletes these requests; what their mails said and to whom goes with them."""
    ids = list(requests.values_list("pk", flat=True))
    Mail.objects.filter(kind=SENT, subject_id__in=ids).update(**FORGOTTEN_FIELDS)
    return int(TermsRequest.objects.filter(pk__in=ids).delete()[0])


def follow_address_of_terms_requests(old: str, new: str, person: UUID) -> None:
    """What was asked under an address that its holder gives up: an erasure knows only the new one.
    The answer goes to the address that was typed, as before.
    """
    TermsRequest.objects.filter(email_key=old).update(email_key=new)


def _write_request_entry(
    request: TermsRequest, act: LegalAct, actor: Actor, now: datetime, *, reason: str = ""
) -> None:
    write_journal_entry(
        act,
        actor=actor,
        object_type="terms_request",
        object_id=str(request.pk),
        reason=reason,
        now=now,
    )
