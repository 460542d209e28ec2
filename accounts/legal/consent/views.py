"""What a visitor says on the public texts: yes or no to the measurement of audience, and a request
for a version of the terms that is not on the page.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.legal.consent import audience_choice
from accounts.legal.models import name_document
from accounts.legal.pages.views import list_archive_rows
from accounts.legal.terms import request_flows
from accounts.legal.terms.forms import TermsRequestForm
from accounts.legal.terms.lookups import get_platform_or_404
from mgestion import slots
from mgestion.web.errors import too_many_requests
from mgestion.web.middleware.client_ip import client_ip, network_key
from mgestion.web.safe_redirect import local_path


def _see_other(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


@login_not_required
@require_POST
def choose_view(request: HttpRequest) -> HttpResponse:
    """Accept or refuse, by the same form; then back to the page one was on."""
    choice = request.POST.get("choix", "")
    back = local_path(request.POST.get("next", "")) or reverse("legal:cookies")
    if not settings.MEASUREMENT_SCRIPT_URL:
        return _see_other(reverse("legal:cookies"))
    if choice not in (audience_choice.ACCEPTED, audience_choice.REFUSED):
        messages.warning(request, "Choisissez «\u00a0Refuser\u00a0» ou «\u00a0Accepter\u00a0».")
        return _see_other(reverse("legal:cookies"))
    accepted = choice == audience_choice.ACCEPTED
    response = _see_other(back)
    audience_choice.store_audience_choice(response, accepted=accepted)
    messages.success(
        request,
        "La mesure d’audience est acceptée. Vous pouvez changer d’avis à tout moment sur la page "
        "«\u00a0Gestion des cookies\u00a0»."
        if accepted
        else "La mesure d’audience est refusée\u00a0: rien n’est mesuré.",
    )
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def archive_view(request: HttpRequest, code: str = "") -> HttpResponse:
    """Every published version of a document, and a form for another one. The answer is the same
    for any address: nothing is looked up.
    """
    now = timezone.now()
    platform = get_platform_or_404(code)
    document = name_document(platform)
    form = TermsRequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        key = f"terms:{network_key(client_ip(request))}"
        wait = slots.limits["hit"](key, settings.TERMS_REQUESTS_PER_IP, now=now)
        if wait:
            return too_many_requests(request, wait)
        if form.is_valid():
            request_flows.ask_for_old_version(**form.cleaned_data, platform=platform, now=now)
            messages.success(
                request,
                "Votre demande est enregistrée. La version vous sera envoyée par e-mail à "
                "l’adresse indiquée.",
            )
            return _see_other(document.archive_url)
    context = {"rows": list_archive_rows(platform, now), "document": document, "form": form}
    return render(request, "legal/terms/terms_archive.html", context)
