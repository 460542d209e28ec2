"""Pages that do one thing each, for the tests of what stands around pages."""

import errno

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_POST

from mgestion.jobs.models import JobRun
from mgestion.urls import handler400, handler403, handler404, handler500
from mgestion.urls import urlpatterns as portal
from mgestion.web.errors import too_many_requests
from mgestion.web.logging.request_id import current_request_id
from mgestion.web.middleware.client_ip import client_ip
from mgestion.web.middleware.readonly import WriteReason, allow_writes

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@login_not_required
def ok(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{current_request_id()} {client_ip(request)}", content_type="text/plain")


@login_not_required
def closed(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@login_not_required
def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


@login_not_required
def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("a secret of ours")


@login_not_required
def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of ours")


@login_not_required
def full(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "No space left on device")


@login_not_required
def gone(request: HttpRequest) -> HttpResponse:
    raise JobRun.DoesNotExist("a secret of ours")


@login_not_required
def busy(request: HttpRequest) -> HttpResponse:
    return too_many_requests(request, 61)


@login_not_required
@require_POST
def button_only(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@login_not_required
def write(request: HttpRequest) -> HttpResponse:
    JobRun.objects.create(job="tests", slot="write", started_at="2026-01-01T00:00Z")
    return HttpResponse("written")


@login_not_required
def write_for_a_reason(request: HttpRequest) -> HttpResponse:
    with allow_writes(WriteReason.ACTIVITY_STAMP):
        return write(request)


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("private")


urlpatterns: list[URLPattern | URLResolver] = [
    path("t/ok", ok),
    path("t/403", closed),
    path("t/404", missing),
    path("t/400", suspicious),
    path("t/500", crash),
    path("t/full", full),
    path("t/405", button_only),
    path("t/410", gone),
    path("t/429", busy),
    path("t/write", write),
    path("t/write-for-a-reason", write_for_a_reason),
    path("t/private", private),
    *portal,
]
