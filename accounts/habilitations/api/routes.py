"""The four addresses. The caller's platform and no other, whatever is asked."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django.utils.cache import get_conditional_response
from ninja import NinjaAPI
from pydantic import Field

from accounts.habilitations.api import activity_push, people_feed, problems
from accounts.habilitations.api.auth import PlatformToken, get_calling_platform, get_token_usage
from accounts.habilitations.api.people_feed import MOST_CHANGES, MOST_PEOPLE
from accounts.habilitations.api.problems import Problem, ProblemOut
from accounts.habilitations.api.schemas import (
    ActivityIn,
    ActivityOut,
    ChangesOut,
    PeopleOut,
    PersonOut,
    SearchIn,
)
from accounts.habilitations.enums import Scope
from mgestion.web.problems import MEDIA_TYPE


class PlatformsApi(NinjaAPI):
    """Its description names what is really sent: errors are problem documents. And it is valid:
    ninja leaves the servers empty, and names a scheme that has no name.
    """

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(*args, **kwargs)
        schema["servers"] = [{"url": settings.PUBLIC_URL}]
        for scheme in schema["components"]["securitySchemes"].values():
            scheme.pop("name", None)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        content = response["content"]
                        content[MEDIA_TYPE] = content.pop("application/json")
        return schema


api = PlatformsApi(
    title="OPCO Mobilites platforms API",  # client generators make names of it: ASCII only
    version="1.1.0",
    description="Activity, habilitations and their changes, for the platform whose token calls.",
    docs_url=None,  # its page brings scripts that our content policy refuses; docs/api.md instead
    openapi_url="openapi.json",
    urls_namespace="habilitations:api",
)
problems.install_problem_handlers(api)
_REFUSALS: dict[Any, Any] = dict.fromkeys(
    (400, 401, 403, 404, 405, 413, 422, 429, 500, 503), ProblemOut
)
_READ: dict[Any, Any] = {304: None, **_REFUSALS}


@api.post(
    "/activity",
    auth=PlatformToken(Scope.ACTIVITY),
    response={200: ActivityOut, **_REFUSALS},
    operation_id="push_activity",
    summary="Tell when people were on the platform",
)
def push_activity(request: HttpRequest, body: ActivityIn) -> dict[str, Any]:
    """Idempotent: dates only move forward, and a call may be sent again. Each item has its own
    result: 404 `unknown_person` (nobody, or nobody with an access to your platform), 409
    `account_not_active`, 422 `future_date` and `ancient_date` (before 2000).
    """
    items = [
        activity_push.PushedActivity(at=item.at, subject=item.subject, email=item.email or "")
        for item in body.items
    ]
    outcomes = activity_push.record_pushed_activities(
        get_calling_platform(request), items, now=timezone.now()
    )
    return {
        "recorded": sum(outcome.status == 200 for outcome in outcomes),
        "failed": sum(outcome.status != 200 for outcome in outcomes),
        "results": [
            {"index": index, "status": outcome.status, "code": outcome.code}
            for index, outcome in enumerate(outcomes)
        ],
    }


@api.post(
    "/habilitations/search",
    auth=PlatformToken(Scope.SEARCH),
    response={200: PersonOut, **_REFUSALS},
    operation_id="search_person",
    summary="What a person may do on the platform",
)
def search(request: HttpRequest, body: SearchIn) -> dict[str, Any]:
    """By POST, so that no address of a person is in an address line. 404 `unknown_person`: nobody,
    or nobody with an access to your platform.
    """
    found = people_feed.find_person(
        get_calling_platform(request), subject=body.subject, email=body.email or ""
    )
    if found is None:
        raise Problem(404, "unknown_person", "Nobody with an access to your platform.")
    return found


@api.get(
    "/habilitations",
    auth=PlatformToken(Scope.CHANGES),
    response={200: PeopleOut, **_READ},
    operation_id="list_people",
    summary="Everybody with an access to the platform, page by page",
)
def people(
    request: HttpRequest,
    after: Annotated[
        UUID | None, Field(description="«\u00a0next\u00a0» of the page before")
    ] = None,
    limit: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] = MOST_PEOPLE,
) -> dict[str, Any]:
    """For a first synchronisation, or a repair: come back with `next` until it is null, then follow
    the changes from `changes` of the first page. Whoever you hold and did not find has no access
    any more.
    """
    return people_feed.list_people(get_calling_platform(request), after=after, limit=limit)


@api.get(
    "/habilitations/changes",
    auth=PlatformToken(Scope.CHANGES),
    response={200: ChangesOut, 410: ProblemOut, **_READ},
    operation_id="list_changes",
    summary="What changed since the last call, deletions included",
)
def changes(
    request: HttpRequest,
    since: Annotated[
        int, Field(ge=0, le=2**53 - 1, description="«\u00a0next\u00a0» of the last answer")
    ] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST_CHANGES)] = MOST_CHANGES,
) -> dict[str, Any]:
    """In order and without a gap: keep `next`, and come back with it. `erased`: the person is gone,
    erase what you hold. 410 `changes_gone`: lines after `since` are kept no more; read everybody,
    and go on from `changes`.
    """
    try:
        return people_feed.list_changes(get_calling_platform(request), since=since, limit=limit)
    except people_feed.ChangesGone:
        raise Problem(
            410, "changes_gone", "Read /habilitations, then follow the changes from there."
        ) from None


def build_api_urls() -> list[URLPattern | URLResolver]:
    """ninja's addresses: tokens stand for a login there."""
    patterns: list[Any] = list(api.urls[0])
    for pattern in patterns:
        pattern.callback = login_not_required(_complete_answer(pattern.callback))
    return patterns


def _complete_answer(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What ninja leaves out: HEAD beside GET, a fingerprint of what is read, how many calls are
    left, and a problem document for a wrong method.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            response = _build_wrong_method_problem(response.get("Allow", ""))
        elif request.method == "GET" and response.status_code == 200:
            response = _add_etag(request, response)
        limits = get_token_usage(request)
        if limits is not None:
            for name, value in limits.headers.items():
                response[name] = value
        if asked == "HEAD":
            request.method = asked
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    return wrapped


def _build_wrong_method_problem(allowed: str) -> HttpResponse:
    methods = [method.strip() for method in allowed.split(",") if method.strip()]
    if "GET" in methods:
        methods.append("HEAD")
    allowed = ", ".join(methods)
    problem = problems.build_problem_response(405, "wrong_method", f"Allowed: {allowed}.")
    problem["Allow"] = allowed
    return problem


def _add_etag(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 for a caller that holds this very answer (RFC 9110 §13)."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    conditional = get_conditional_response(request, etag=etag, response=response)
    return cast(HttpResponse, conditional)
