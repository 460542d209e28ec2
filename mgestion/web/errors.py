"""Error pages: ours, generic (ASVS 16.5.1), rendered without context processors nor database."""

import logging
import sys
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views.decorators.csrf import requires_csrf_token

from mgestion.database.limits import is_database_away
from mgestion.storage import is_disk_full
from mgestion.web import programs
from mgestion.web.kept_typing import PERSON
from mgestion.web.logging.request_id import current_request_id
from mgestion.web.logging.security import log_refusal
from mgestion.web.safe_redirect import local_path

_log = logging.getLogger(__name__)
RETRY_AFTER: Final = 30  # seconds
MOST_TYPED: Final = 200_000  # characters: the longest terms hold some 60,000


def render_error_page(template: str, status: int, **context: Any) -> HttpResponse:
    """An error page, with the id that finds it in the logs."""
    context["request_id"] = current_request_id()
    return HttpResponse(get_template(template).render(context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render_error_page("400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    log_refusal("permission", request)
    # By the address: who is asking may be what failed.
    return render_error_page("403.html", 403, at_the_desk=request.path.startswith("/admin/"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    for_program = programs.answer_program(request, programs.NOT_FOUND)
    return for_program or render_error_page("404.html", 404)


def too_many_requests(request: HttpRequest, retry_after: int) -> HttpResponse:
    """`retry_after` in seconds, at least 1; the page says it in whole minutes, rounded up."""
    log_refusal("rate_limit", request)
    seconds = max(1, int(retry_after))
    response = render_error_page(
        "429.html", 429, retry_after=seconds, retry_after_minutes=(seconds + 59) // 60
    )
    response["Retry-After"] = str(seconds)
    return response


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 when the database is away or a disk is full, since nothing is wrong with the
    request; 410 when a row that the act had found is gone (an account was erased meanwhile).
    """
    trouble = sys.exc_info()[1]
    if request.method == "POST" and _is_row_gone(trouble):
        # It may be a fault of ours all the same, and Django's own line is below the level kept.
        _log.warning("A row that an act needs is gone", exc_info=trouble)
        return render_error_page("410.html", 410)
    if not (is_database_away(trouble) or is_disk_full(trouble)):
        return render_error_page("500.html", 500)
    for_program = programs.answer_program(request, programs.UNAVAILABLE)
    typed, files = list_typed_fields(request)
    response = for_program or render_error_page("503.html", 503, typed=typed, files=files)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_row_gone(trouble: BaseException | None) -> bool:
    """Not where a relation was never filled (`RelatedObjectDoesNotExist`): no erasure does that."""
    return isinstance(trouble, ObjectDoesNotExist) and not isinstance(trouble, AttributeError)


def list_typed_fields(request: HttpRequest) -> tuple[list[tuple[str, str]], bool]:
    """What was posted by a form that is given back after a login too (`kept_typing`), so that the
    page of the error sends it again, and whether files came with it. Nothing where a password was
    typed.
    """
    if request.method != "POST":
        return [], False
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        has_files = bool(request.FILES)
    except Exception:  # noqa: BLE001  # cut, too large, malformed: the page is shown all the same
        return [], False
    names = {name for name, _ in fields}
    if PERSON not in names or any("password" in name for name in names):
        return [], False
    if sum(len(name) + len(value) for name, value in fields) > MOST_TYPED:
        return [], False
    return fields, has_files


def csrf_failure(request: HttpRequest, reason: str = "", *, back: str = "") -> HttpResponse:
    """A form without its proof of origin: mostly a page left open too long, or refused cookies.

    `reason` is for developers and is in Django's log. The page leads back to the form, at `back`
    or at its own address.
    """
    log_refusal("csrf", request)
    return render_error_page(
        "403_csrf.html",
        403,
        back=local_path(back or request.get_full_path()),
        cookies=bool(request.COOKIES),
    )
