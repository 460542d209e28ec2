"""What a person's own requests wait for: an answer, a document, a correction after a refusal."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from accounts.people.to_do import ToDoLine, ToDoSource, Urgency
from mgestion.text.dates import french_last_day
from registrations.requests.document_models import Asking
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label
from registrations.requests.querysets import annotate_awaited

OWN_REQUESTS: Final = "registrations.requests"  # the name of the source in `slots.to_do`
# A refused request is said to be correctable for so long; its own page says it for ever.
MENDED_WITHIN: Final = timedelta(days=30)


def build_answer_url(reference: str) -> str:
    """The answer form on a request's page."""
    return f"{reverse('registrations:request_status', args=[reference])}#repondre"


def build_answer_line(
    reference: str, company: str, platform: str, *, until: datetime | None, now: datetime
) -> ToDoLine:
    """An answer is awaited until `until`; None: the access is suspended, and nothing was asked."""
    if until is None:
        text, button = "La page de votre demande dit pourquoi.", "Envoyer un document"
        day, tile = "", "Accès suspendu"
    else:
        button, tile = "Répondre et joindre mes documents", "Un document est attendu de vous"
        late = now >= until
        text = (
            "Ce jour est passé\u00a0: vous pouvez encore l’envoyer, faites-le dès que possible."
            if late
            else f"Demande {reference}."
        )
        day = f"Une réponse était attendue jusqu’au {french_last_day(until)}" if late else ""
    return ToDoLine(
        Urgency.AWAITED,
        f"Nous attendons votre réponse pour {company}",
        text,
        button,
        build_answer_url(reference),
        until,
        day,
        platform=platform,
        tile=tile,
    )


def build_suspended_line(
    reference: str, company: str, platform: str, *, until: datetime | None, now: datetime
) -> ToDoLine:
    """The access that the request opened is suspended; `until` as above."""
    line = build_answer_line(reference, company, platform, until=until, now=now)
    title = f"Votre accès pour {company} est suspendu"
    return replace(line, urgency=Urgency.BLOCKED, title=title, tile="Accès suspendu")


def build_mend_line(request: Request, platform: Platform) -> ToDoLine:
    """A refused request that may be corrected and sent again."""
    return ToDoLine(
        Urgency.OFFERED,
        f"Votre demande d’accès à {get_request_label(platform)} est refusée",
        f"Pour {request.company_name}, vous pouvez la corriger et la renvoyer.",
        "Lire le motif et corriger",
        reverse("registrations:request_status", args=[request.reference]),
        platform=platform.code,
        tile="Demande refusée, à corriger",
    )


def may_be_mended(request: Request, now: datetime) -> bool:
    """Whether it was refused lately, for a reason that allows to correct it."""
    return (
        request.status == RequestStatus.REFUSED
        and request.may_resubmit
        and request.decided_at is not None
        and request.decided_at > now - MENDED_WITHIN
    )


def select_unanswered_requests(user: User, now: datetime) -> QuerySet[Request]:
    """The requests of `user` that wait for them. After a refusal, the latest request of its
    platform only, and no longer once it was sent again.
    """
    asked = Asking.objects.open().filter(request=OuterRef("pk"))
    suspended = Access.objects.suspended().filter(
        user=user, establishment=OuterRef("establishment"), platform=OuterRef("platform")
    )
    later = Request.objects.filter(
        Q(resubmission_of=OuterRef("pk"))
        | Q(platform=OuterRef("platform"), submitted_at__gt=OuterRef("submitted_at")),
        user=user,
    )
    refused = Q(
        status=RequestStatus.REFUSED, may_resubmit=True, decided_at__gt=now - MENDED_WITHIN
    ) & ~Exists(later)
    return Request.objects.filter(
        Exists(asked) | Q(status=RequestStatus.APPROVED) & Exists(suspended) | refused, user=user
    )


def build_request_lines(requests: Iterable[Request], now: datetime) -> Iterable[ToDoLine]:
    """Of requests annotated by `querysets.annotate_awaited`, with their platform."""
    for request in requests:
        said: Any = request  # its annotations
        facts = (request.reference, request.company_name, request.platform.code)
        if said.access_suspended:
            yield build_suspended_line(*facts, until=said.awaited_until, now=now)
        elif said.awaited_until is not None:
            yield build_answer_line(*facts, until=said.awaited_until, now=now)
        elif may_be_mended(request, now):
            yield build_mend_line(request, request.platform)


def _list_lines(user: User, now: datetime) -> Iterable[ToDoLine]:
    rows = annotate_awaited(select_unanswered_requests(user, now)).select_related("platform")
    return build_request_lines(rows.order_by("-submitted_at", "-reference"), now)


# Wider than `select_unanswered_requests`: any suspended access, any request refused lately.
_WAITS: Final = f"""
    EXISTS (SELECT 1 FROM registrations_asking AS asking
            JOIN registrations_request AS asked ON asked.id = asking.request_id
            WHERE asked.user_id = %s AND asking.closed_at IS NULL)
    OR EXISTS (SELECT 1 FROM habilitations_access AS held
               WHERE held.user_id = %s AND held.suspended_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM registrations_request AS refused
               WHERE refused.user_id = %s AND refused.status = '{RequestStatus.REFUSED}'
                 AND refused.may_resubmit AND refused.decided_at > %s)"""  # noqa: S608 - SQL of ours


def _ask_for_lines(user: User, now: datetime) -> tuple[str, list[object]]:
    return _WAITS, [user.pk, user.pk, user.pk, now - MENDED_WITHIN]


SOURCE: Final = ToDoSource(waits=_ask_for_lines, list_lines=_list_lines)
