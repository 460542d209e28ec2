"""Where a mail provider tells of mails that came back: `/retours/courriel/`."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mgestion.outbox.bounces import flows
from mgestion.outbox.bounces.events import MAX_EVENTS, is_signature_valid, parse_events
from mgestion.web.logging.security import log_refusal
from mgestion.web.problems import problem_response


@csrf_exempt  # a program's call, which carries a signature and no cookie
@login_not_required
@require_POST
def receive_bounces(request: HttpRequest) -> HttpResponse:
    """200 with the counts, 401 without a valid signature, 400 for what is no JSON of events, 413
    for too many of them; 404 while no secret is set.
    """
    secret: str = settings.BOUNCE_WEBHOOK_SECRET
    if not secret:
        raise Http404
    now, body = timezone.now(), request.body
    if not is_signature_valid(
        secret,
        stamp=request.headers.get("X-Timestamp", ""),
        signature=request.headers.get("X-Signature", ""),
        body=body,
        now=now,
    ):
        log_refusal("bounces.signature", request)
        flows.record_forged_call(now)
        return problem_response(401, "signature", "No valid signature")
    reports = parse_events(body)
    if reports is None:
        flows.record_reports([], body, now)
        return problem_response(400, "events", "No JSON of events")
    if len(reports) > MAX_EVENTS:  # 200 would tell the sender that all of them are read
        return problem_response(413, "events", f"At most {MAX_EVENTS} events in one call")
    return JsonResponse(flows.record_reports(reports, body, now))
