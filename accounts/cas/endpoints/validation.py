"""The platforms' side: they call these addresses themselves, no browser does."""

import logging
from collections.abc import Callable
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.cas.protocol import addresses as protocol_addresses
from accounts.cas.protocol import answers
from accounts.cas.protocol.answers import CasAnswer, CasFailure, CasProxied, CasSuccess
from accounts.cas.protocol.headers import never_cached
from accounts.cas.protocol.refusals import FailureCode, InvalidTicket
from accounts.cas.tickets import attributes, proxying, ticket_life
from accounts.cas.tickets.ticket_life import ValidatedTicket
from mgestion.web.middleware.readonly import WriteReason, allow_writes

_log = logging.getLogger(__name__)
_INTERNAL: Final = CasFailure(FailureCode.INTERNAL_ERROR, "The ticket could not be validated.")
_FORMATS: Final = {"": answers.format_xml, "XML": answers.format_xml, "JSON": answers.format_json}


def _platform_endpoint(
    view: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponseBase]:
    """No session, no cookie, no CSRF token; a HEAD looks and touches nothing (V16)."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method == "HEAD":
            return HttpResponse(content_type=answers.PLAIN)
        with allow_writes(WriteReason.CAS_VALIDATE):
            return view(request)

    methods = require_http_methods(["GET", "HEAD", "POST"])
    wrapped: Callable[..., HttpResponseBase] = csrf_exempt(
        login_not_required(never_cached(methods(answer)))
    )
    return wrapped


def _get_parameters(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" and "ticket" in request.POST else request.GET


def _validate_parameters(given: QueryDict, *, proxies: bool = False) -> ValidatedTicket:
    """Raises Invalid. `proxies`: the endpoint takes proxy tickets too (V2, V10, P5)."""
    ticket, service = given.get("ticket", ""), given.get("service", "")
    now = timezone.now()
    if not ticket or not service:
        ticket_life.consume_unread_ticket(ticket, now)
        raise InvalidTicket(
            FailureCode.INVALID_REQUEST, "The parameters 'service' and 'ticket' are required."
        )
    if ticket.startswith("PT-") and not proxies:
        ticket_life.consume_unread_ticket(ticket, now)
        raise InvalidTicket(
            FailureCode.INVALID_TICKET_SPEC, "A proxy ticket was passed; it is not accepted."
        )
    return ticket_life.validate_ticket(
        ticket,
        service,
        renew=protocol_addresses.is_flag_set(given, "renew"),
        callback=given.get("pgtUrl", ""),
        now=now,
    )


def _build_answer(
    given: QueryDict, *, with_attributes: bool, proxies: bool
) -> CasSuccess | CasFailure:
    """`with_attributes`: the protocol 3.0 endpoints; the 2.0 ones where the platform opts in."""
    try:
        if given.get("format", "").upper() not in _FORMATS:
            ticket_life.consume_unread_ticket(given.get("ticket", ""), timezone.now())
            return CasFailure(FailureCode.INVALID_REQUEST, "The format must be XML or JSON.")
        found = _validate_parameters(given, proxies=proxies)
        told = None
        if with_attributes or found.platform.attributes_on_v2:
            told = [
                *answers.list_protocol_attributes(
                    authenticated_at=found.authenticated_at, new_login=found.new_login
                ),
                *attributes.list_released_attributes(found.user, found.platform),
            ]
        name = attributes.get_principal(found.user, found.platform)
        return CasSuccess(name, told, iou=found.iou, proxies=found.proxies)
    except InvalidTicket as refusal:
        return CasFailure(refusal.code, refusal.text)
    except Exception:  # noqa: BLE001 - logged, and answered below
        # Whatever went wrong, the platform gets an answer that its client understands (V13).
        _log.exception("a validation failed")
        return _INTERNAL


def _build_response(given: QueryDict, answer: CasAnswer) -> HttpResponse:
    """200 for success and failure: clients read the body (V12)."""
    if given.get("format", "").upper() == "JSON":
        return HttpResponse(answers.format_json(answer), content_type=answers.JSON)
    return HttpResponse(answers.format_xml(answer), content_type=answers.XML)


@_platform_endpoint
def validate_view(request: HttpRequest) -> HttpResponse:
    """CAS 1.0 (V1–V3)."""
    try:
        found = _validate_parameters(_get_parameters(request))
        text = answers.format_plain(attributes.get_principal(found.user, found.platform))
    except InvalidTicket:
        text = answers.format_plain(None)
    except Exception:  # noqa: BLE001 - logged, and answered below
        _log.exception("a validation failed")
        text = answers.format_plain(None)
    return HttpResponse(text, content_type=answers.PLAIN)


def _build_validation(*, with_attributes: bool, proxies: bool) -> Callable[..., HttpResponseBase]:
    @_platform_endpoint
    def view(request: HttpRequest) -> HttpResponse:
        given = _get_parameters(request)
        answer = _build_answer(given, with_attributes=with_attributes, proxies=proxies)
        return _build_response(given, answer)

    return view


# CAS 2.0; the second takes proxy tickets as well.
service_validate_view = _build_validation(with_attributes=False, proxies=False)
proxy_validate_view = _build_validation(with_attributes=False, proxies=True)
# CAS 3.0, with attributes.
p3_service_validate_view = _build_validation(with_attributes=True, proxies=False)
p3_proxy_validate_view = _build_validation(with_attributes=True, proxies=True)


@_platform_endpoint
def proxy_view(request: HttpRequest) -> HttpResponse:
    """A granting ticket asks for a ticket to another platform (P4). One in a GET, as the protocol
    has it.
    """
    given = request.GET
    granting, target = given.get("pgt", ""), given.get("targetService", "")
    try:
        if not granting or not target:
            raise InvalidTicket(
                FailureCode.INVALID_REQUEST,
                "The parameters 'pgt' and 'targetService' are required.",
            )
        answer: CasAnswer = CasProxied(
            proxying.issue_proxy_ticket(granting, target, timezone.now())
        )
    except InvalidTicket as refusal:
        answer = CasFailure(refusal.code, refusal.text, element="proxyFailure")
    except Exception:  # noqa: BLE001 - logged, and answered below
        _log.exception("a request for a proxy ticket failed")
        answer = CasFailure(
            FailureCode.INTERNAL_ERROR,
            "The proxy ticket could not be issued.",
            element="proxyFailure",
        )
    return _build_response(given, answer)
