"""The platforms' side: they call these addresses themselves, no browser does (`cas.md` §6–9)."""

import logging
from collections.abc import Callable
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.cas import answers, attributes, protocol, tickets
from accounts.cas.answers import Failure, Success
from accounts.cas.headers import uncached
from accounts.cas.tickets import Code, Invalid, Validated
from mgestion.web.readonly import Reason, allow_writes

_log = logging.getLogger(__name__)
_INTERNAL: Final = Failure(Code.INTERNAL_ERROR, "The ticket could not be validated.")
_FORMATS: Final = {"": answers.xml, "XML": answers.xml, "JSON": answers.as_json}


def _for_platforms(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """No session, no cookie, no CSRF token; a HEAD looks and touches nothing (V16)."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method == "HEAD":
            return HttpResponse(content_type=answers.PLAIN)
        with allow_writes(Reason.CAS_VALIDATE):
            return view(request)

    methods = require_http_methods(["GET", "HEAD", "POST"])
    wrapped: Callable[..., HttpResponseBase] = csrf_exempt(
        login_not_required(uncached(methods(answer)))
    )
    return wrapped


def _parameters(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" and "ticket" in request.POST else request.GET


def _validated(given: QueryDict, *, proxies: bool = False) -> Validated:
    """Raises Invalid. `proxies`: the endpoint takes proxy tickets, of which none exists (V10)."""
    ticket, service = given.get("ticket", ""), given.get("service", "")
    if not ticket or not service:
        tickets.burn(ticket, timezone.now())
        raise Invalid(Code.INVALID_REQUEST, "The parameters 'service' and 'ticket' are required.")
    if given.get("pgtUrl"):
        # Proxying is off: failing is clearer than a success without what was asked for (P1, P3).
        tickets.burn(ticket, timezone.now())
        raise Invalid(
            Code.UNAUTHORIZED_SERVICE_PROXY, "This service is not allowed to proxy authentication."
        )
    if ticket.startswith("PT-") and not proxies:
        raise Invalid(Code.INVALID_TICKET_SPEC, "A proxy ticket was passed; it is not accepted.")
    return tickets.validate(
        ticket, service, renew=protocol.is_set(given, "renew"), now=timezone.now()
    )


def _answer(given: QueryDict, *, with_attributes: bool, proxies: bool) -> Success | Failure:
    """`with_attributes`: the protocol 3.0 endpoints; the 2.0 ones where the platform opts in
    (R6).
    """
    try:
        if given.get("format", "").upper() not in _FORMATS:
            tickets.burn(given.get("ticket", ""), timezone.now())
            return Failure(Code.INVALID_REQUEST, "The format must be XML or JSON.")
        found = _validated(given, proxies=proxies)
        told = None
        if with_attributes or found.platform.attributes_on_v2:
            told = [
                *answers.protocol_attributes(
                    authenticated_at=found.authenticated_at, new_login=found.new_login
                ),
                *attributes.released(found.user, found.platform),
            ]
        return Success(attributes.principal(found.user, found.platform), told)
    except Invalid as refusal:
        return Failure(refusal.code, refusal.text)
    except Exception:  # noqa: BLE001 - logged, and answered below
        # Whatever went wrong, the platform gets an answer that its client understands (V13).
        _log.exception("a validation failed")
        return _INTERNAL


def _response(given: QueryDict, answer: Success | Failure) -> HttpResponse:
    """200 for success and failure: clients read the body (V12)."""
    if given.get("format", "").upper() == "JSON":
        return HttpResponse(answers.as_json(answer), content_type=answers.JSON)
    return HttpResponse(answers.xml(answer), content_type=answers.XML)


@_for_platforms
def validate(request: HttpRequest) -> HttpResponse:
    """CAS 1.0 (V1–V3)."""
    try:
        found = _validated(_parameters(request))
        text = answers.plain(attributes.principal(found.user, found.platform))
    except Invalid:
        text = answers.plain(None)
    except Exception:  # noqa: BLE001 - logged, and answered below
        _log.exception("a validation failed")
        text = answers.plain(None)
    return HttpResponse(text, content_type=answers.PLAIN)


@_for_platforms
def service_validate(request: HttpRequest) -> HttpResponse:
    """CAS 2.0."""
    given = _parameters(request)
    return _response(given, _answer(given, with_attributes=False, proxies=False))


@_for_platforms
def proxy_validate(request: HttpRequest) -> HttpResponse:
    """CAS 2.0 for those who ask it even without proxying."""
    given = _parameters(request)
    return _response(given, _answer(given, with_attributes=False, proxies=True))


@_for_platforms
def p3_service_validate(request: HttpRequest) -> HttpResponse:
    """CAS 3.0, with attributes."""
    given = _parameters(request)
    return _response(given, _answer(given, with_attributes=True, proxies=False))


@_for_platforms
def p3_proxy_validate(request: HttpRequest) -> HttpResponse:
    """CAS 3.0, with attributes, where proxy tickets would be good."""
    given = _parameters(request)
    return _response(given, _answer(given, with_attributes=True, proxies=True))


@_for_platforms
def proxy(request: HttpRequest) -> HttpResponse:
    """Proxying is off: no granting ticket exists, so none is good (P4)."""
    given = _parameters(request)
    if not given.get("pgt") or not given.get("targetService"):
        code, text = Code.INVALID_REQUEST, "The parameters 'pgt' and 'targetService' are required."
    else:
        code, text = Code.UNAUTHORIZED_SERVICE, "Proxy authentication is not offered here."
    failure = Failure(code, text, element="proxyFailure")
    return HttpResponse(answers.xml(failure), content_type=answers.XML)
