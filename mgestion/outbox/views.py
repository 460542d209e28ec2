"""The mailbox of the embedded way to run: what the portal would have sent."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from mgestion.outbox.models import Mail

PER_PAGE = 30
# Mail clients' HTML: inline styles, nothing that runs, nothing that loads from elsewhere.
HTML_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@login_not_required
@require_safe
def mailbox_view(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("q", "").replace("\0", "").strip()[:254]  # PostgreSQL takes no NUL
    mails = Mail.objects.defer("text", "html").order_by("-created_at", "-id")
    if search:
        mails = mails.filter(to__icontains=search)
    page = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "outbox/mailbox.html", {"page": page, "search": search})


@login_not_required
@require_safe
def mail_view(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    return render(request, "outbox/mail.html", {"mail": get_object_or_404(Mail, pk=mail_id)})


@login_not_required
@require_safe
def mail_html_view(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """The HTML part as a page of its own, under a policy that only lets it be looked at."""
    found = get_object_or_404(Mail, pk=mail_id)
    if not found.html:
        raise Http404
    response = HttpResponse(found.html)
    response["Content-Security-Policy"] = HTML_POLICY
    return response
