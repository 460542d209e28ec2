"""The page that asks to accept the terms in force, and what changed in them."""

from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.habilitations.platforms import cas_services
from accounts.legal.models import TermsAcceptance, TermsVersion, TermsWithdrawal
from accounts.legal.terms import difference, flows
from accounts.legal.terms.gate import terms_to_accept
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.web.form_action import may_lead_to
from mgestion.web.safe_redirect import local_path

CHANGED = "Les conditions générales viennent de changer\u00a0: relisez-les, puis cochez la case."


class GateForm(forms.Form):
    """The box of R63, never ticked beforehand."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    terms = forms.BooleanField(
        label="J’accepte les Conditions Générales d’Utilisation",
        error_messages={"required": "Cochez la case pour accepter, ou choisissez une autre voie."},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def terms_gate_view(request: HttpRequest) -> HttpResponse:
    """Accept, log out, or ask for closure. Where the person was going goes along."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    now = timezone.now()
    service = _get_service(request)
    version = terms_to_accept(user.pk, now).first()
    if version is None:
        return HttpResponseRedirect(_get_onward_url(request, service))
    posted = request.POST if request.method == "POST" else None
    form = GateForm(posted, initial={"version": version.pk})
    if posted is not None and form.is_valid():
        try:
            if form.cleaned_data["version"] != version.pk:
                raise Refused("terms.not_in_force", CHANGED)
            flows.accept_version(
                user,
                version,
                where=TermsAcceptance.Where.GATE,
                actor=Actor.person(user),
                now=now,
            )
        except Refused as refused:
            form.add_error("terms", refused.message)
            # The page that goes back names the version in force, and the box is not ticked.
            form.data = posted.copy()
            form.data["version"] = str(version.pk)
            form.data.pop("terms", None)
        else:
            response = HttpResponseRedirect(_get_onward_url(request, service))
            response.status_code = 303
            return response
    context = {"form": form, "version": version, "previous": find_previous_version(version)}
    page = render(request, "legal/terms/gate.html", context)
    may_lead_to(page, service)
    return page


@login_not_required
@require_safe
def terms_difference_view(request: HttpRequest, slug: str) -> HttpResponse:
    """What a published version changes in the one before it."""
    if TermsWithdrawal.objects.filter(version__slug=slug).exists():
        return redirect("legal:terms_version", slug)  # which says that it was taken back
    version = get_object_or_404(TermsVersion.objects.published(), slug=slug)
    before = find_previous_version(version)
    if before is None:
        raise Http404
    context = {
        "version": version,
        "previous": before,
        "changes": difference.compare_texts(before.body, version.body),
    }
    return render(request, "legal/terms/terms_difference.html", context)


def find_previous_version(version: TermsVersion) -> TermsVersion | None:
    """The published version that `version` follows; a draft follows the latest one."""
    rows = TermsVersion.objects.published()
    if version.published_at is not None:
        rows = rows.filter(effective_at__lt=version.effective_at)
    return rows.exclude(pk=version.pk).first()


def _get_service(request: HttpRequest) -> str:
    """A platform's address, if it is registered: the login page checks it again."""
    service = request.GET.get("service", "")
    return service if service and cas_services.match_platform(service) else ""


def _get_onward_url(request: HttpRequest, service: str) -> str:
    if service:
        return f"{reverse('cas:login')}?{urlencode({'service': service})}"
    return local_path(request.GET.get("next", "")) or reverse(settings.LANDING_URL_NAME)
