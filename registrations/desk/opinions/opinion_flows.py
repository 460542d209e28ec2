"""An opinion is asked, given or withdrawn. It neither stops the clock nor moves the request."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.habilitations.reference.models import Dga
from accounts.habilitations.staff.permissions import get_staff, may_decide
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.outbox.flows import queue_mail
from registrations.desk.acts.assign import list_eligible_colleagues
from registrations.desk.acts.reopen import reopen_request
from registrations.desk.opinions.models import Opinion, OpinionVerdict
from registrations.desk.opinions.opinion_access import select_opinions_asked_of
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request
from registrations.requests.request_guards import ensure_allowed, lock_for_agent, lock_request
from registrations.requests.request_history import write_request_event

OPINION_ASKED_MAIL = "registrations.opinion_asked"
OPINION_GIVEN_MAIL = "registrations.opinion_given"
QUESTION_MAX = 2000
ANSWER_MAX = 2000


@transaction.atomic
def ask_opinion(
    request_id: UUID,
    *,
    colleague: User | None = None,
    dga: Dga | None = None,
    question: str,
    actor_user: User,
    now: datetime,
) -> Opinion:
    """Of one colleague who may decide the request, or of a DGA. They get a mail without its
    content, and may read the request until the opinion is closed.
    """
    request = lock_for_agent(request_id, RequestAct.OPINION_ASKED, actor_user)
    question = question.strip()
    if not question:
        raise Refused("question_needed", "Écrivez la question.")
    if len(question) > QUESTION_MAX:
        raise Refused("question_needed", f"{QUESTION_MAX}\u00a0caractères au plus.")
    if (colleague is None) == (dga is None) or (
        colleague is not None and colleague not in list_eligible_colleagues(request, actor_user)
    ):
        raise Refused("cannot_answer", "Choisissez un collègue ou une DGA de la liste.")
    asked = colleague.public_id if colleague else None
    awaited = Opinion.objects.filter(request=request, closed_at__isnull=True)
    if awaited.filter(person=asked, dga=dga).exists():
        raise Refused("cannot_answer", "Cet avis est déjà demandé, et attendu.")
    opinion = Opinion.objects.create(
        request=request,
        person=asked,
        dga=dga,
        question=question,
        asked_at=now,
        asked_by=actor_user.public_id,
    )
    note = f"À {colleague or dga}\u00a0: {question}"
    _write(request, RequestAct.OPINION_ASKED, note, actor_user, now)
    _queue_opinion_mail(OPINION_ASKED_MAIL, opinion, asked, now)
    return opinion


@transaction.atomic
def give_opinion(
    request_id: UUID,
    opinion_id: int,
    *,
    verdict: str,
    answer: str,
    actor_user: User,
    now: datetime,
) -> Opinion:
    """By the agent who was asked, or one of the DGA; their right to read ends with it."""
    request = lock_request(request_id)
    staff = get_staff(actor_user)
    if not may_decide(staff):
        raise Refused("not_allowed", "Votre rôle ne permet pas de donner un avis.")
    if request.user_id == actor_user.pk:
        raise Refused("own_request", "Vous ne pouvez pas agir sur votre propre demande.")
    ensure_allowed(request, RequestAct.OPINION_GIVEN, for_staff=True)
    opinion = (
        select_opinions_asked_of(actor_user, staff)
        .filter(request=request, pk=opinion_id)
        .select_for_update(of=("self",))
        .first()
    )
    if opinion is None:
        raise WrongState("opinion_closed", "Cet avis ne vous est pas demandé, ou plus.")
    if verdict not in OpinionVerdict.values:
        raise Refused("verdict_needed", "Choisissez un avis.")
    answer = answer.strip()
    if verdict != OpinionVerdict.NEITHER and not answer:
        raise Refused("answer_needed", "Dites pourquoi, en une phrase au moins.")
    if len(answer) > ANSWER_MAX:
        raise Refused("answer_needed", f"{ANSWER_MAX}\u00a0caractères au plus.")
    opinion.verdict = OpinionVerdict(verdict)
    opinion.answer, opinion.answered_by, opinion.closed_at = answer, actor_user.public_id, now
    opinion.save(update_fields=["verdict", "answer", "answered_by", "closed_at"])
    said = opinion.get_verdict_display().capitalize()
    words = f"{said}\u00a0: {answer}" if answer else f"{said}."
    _write(request, RequestAct.OPINION_GIVEN, words, actor_user, now, reason=verdict)
    _queue_opinion_mail(OPINION_GIVEN_MAIL, opinion, opinion.asked_by, now)
    return opinion


@transaction.atomic
def withdraw_opinion(
    request_id: UUID, opinion_id: int, *, actor_user: User, now: datetime
) -> Opinion:
    """By any agent who may decide the request: the answer is no longer awaited."""
    request = lock_for_agent(request_id, RequestAct.OPINION_WITHDRAWN, actor_user)
    opinion = Opinion.objects.select_for_update().filter(request=request, pk=opinion_id).first()
    if opinion is None or opinion.closed_at is not None:
        raise WrongState("opinion_closed", "Cet avis n’est plus attendu.")
    opinion.closed_at = now
    opinion.save(update_fields=["closed_at"])
    _write(request, RequestAct.OPINION_WITHDRAWN, "", actor_user, now)
    return opinion


@transaction.atomic
def reopen_request_afresh(request_id: UUID, *, now: datetime, **said: Any) -> Request:
    """`reopen_request`; what was asked of others before the decision is not asked any more, and
    lets nobody read the request again.
    """
    request = reopen_request(request_id, now=now, **said)
    Opinion.objects.filter(request=request, closed_at__isnull=True).update(closed_at=now)
    return request


def _queue_opinion_mail(kind: str, opinion: Opinion, to: UUID | None, now: datetime) -> None:
    data = {"opinion": opinion.pk}
    queue_mail(
        kind, subject=opinion.request_id, cycle=str(opinion.pk), person=to, data=data, now=now
    )


def _write(
    request: Request, act: RequestAct, note: str, by: User, now: datetime, reason: str = ""
) -> None:
    """For agents only: the applicant reads nothing of it."""
    write_request_event(request, act, agent=by, now=now, internal_note=note, reason=reason)
