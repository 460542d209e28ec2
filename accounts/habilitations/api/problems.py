"""Errors as problem documents (RFC 9457): one shape, a code for programs, no trace."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from mgestion.web.logging.security import log_refusal
from mgestion.web.problems import problem_response

_log = logging.getLogger(__name__)
_TITLES = {
    400: "The request could not be read",
    401: "A valid token is required",
    403: "This token may not do this",
    404: "Not found",
    405: "Wrong method",
    410: "Gone",
    413: "The request is too large",
    422: "The request is not valid",
    429: "Too many requests",
    500: "Internal error",
    503: "Closed for maintenance",
}


class FieldProblem(Schema):
    where: str
    what: str


class ProblemOut(Schema):
    """`code` is stable; `title` and `detail` are for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldProblem]


class Problem(Exception):
    """Said by a view or by the authentication."""

    def __init__(self, status: int, code: str, detail: str = "", *, retry_after: int = 0) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.retry_after = status, code, detail, retry_after


def build_problem_response(
    status: int, code: str, detail: str = "", errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    return problem_response(status, code, _TITLES[status], detail, errors=errors or [])


def install_problem_handlers(api: NinjaAPI) -> None:
    """Every way to fail, in this one shape."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, trouble: Problem) -> HttpResponse:
        if trouble.status in (401, 403, 429):
            log_refusal(f"api.{trouble.code}", request)
        response = build_problem_response(trouble.status, trouble.code, trouble.detail)
        if trouble.retry_after:
            response["Retry-After"] = str(trouble.retry_after)
        return response

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, trouble: AuthenticationError) -> HttpResponse:
        log_refusal("api.token_required", request)
        response = build_problem_response(
            401, "token_required", "Send «\u00a0Authorization: Bearer <token>\u00a0»."
        )
        response["WWW-Authenticate"] = 'Bearer realm="platforms"'
        return response

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, trouble: ValidationError) -> HttpResponse:
        return build_problem_response(
            422,
            "invalid",
            "See «\u00a0errors\u00a0».",
            [_build_field_problem(error) for error in trouble.errors],
        )

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, trouble: HttpError) -> HttpResponse:
        # ninja's own, for a body that is no JSON.
        return build_problem_response(400, "unreadable", "The body must be JSON.")

    @api.exception_handler(RequestDataTooBig)
    def _too_big(request: HttpRequest, trouble: RequestDataTooBig) -> HttpResponse:
        return build_problem_response(413, "too_large", "Send fewer items.")

    @api.exception_handler(Exception)
    def _fault(request: HttpRequest, trouble: Exception) -> HttpResponse:
        _log.exception("the API failed", exc_info=trouble)
        return build_problem_response(500, "internal")


def _build_field_problem(error: dict[str, Any]) -> dict[str, str]:
    """ninja's « body, body, items » says first where it looked, then the parameter's name."""
    loc = [str(part) for part in error.get("loc", ())]
    if loc[:2] == ["body", "body"]:
        loc = loc[1:]
    where = ".".join(loc)
    return {"where": where, "what": str(error.get("msg", ""))}
