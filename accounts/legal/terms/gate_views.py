"""The page that asks to accept the terms in force, or a platform's specific conditions, and what
changed in them.
"""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsAcceptance, TermsVersion, TermsWithdrawal, name_document
from accounts.legal.terms import difference, flows
from accounts.legal.terms.gate import terms_to_accept
from accounts.legal.terms.lookups import find_previous_version, get_platform_or_404
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.web.form_action import may_lead_to
from mgestion.web.safe_redirect import local_path

CHANGED = "Les {} viennent de changer\u00a0: relisez-les, puis cochez la case."


class GateForm(forms.Form):
    """The box of R63, never ticked beforehand."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    terms = forms.BooleanField(
        label="J’accepte les Conditions Générales d’Utilisation",
        error_messages={"required": "Cochez la case pour accepter, ou choisissez une autre voie."},
    )

    def __init__(self, *args: Any, platform: Platform | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if platform is not None:
            self.fields["terms"].label = f"J’accepte les {name_document(platform).name}"


@require_http_methods(["GET", "HEAD", "POST"])
def terms_gate_view(request: HttpRequest, code: str = "") -> HttpResponse:
    """Accept, or leave. Where the person was going goes along. `code`: of the platform whose
    specific conditions are asked for; only people who have an access there are.
    """
    user = get_signed_in_user(request)
    now = timezone.now()
    service = _get_service(request)
    platform = get_platform_or_404(code)
    version = terms_to_accept(user.pk, now, platform).select_related("platform").first()
    if platform and not Access.objects.open().filter(user=user, platform=platform).exists():
        version = None
    if version is None:
        return HttpResponseRedirect(_get_onward_url(request, service))
    posted = request.POST if request.method == "POST" else None
    form = GateForm(posted, initial={"version": version.pk}, platform=platform)
    if posted is not None and form.is_valid():
        try:
            if form.cleaned_data["version"] != version.pk:
                raise Refused("terms.not_in_force", CHANGED.format(version.document.name))
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
    template = "legal/terms/conditions_gate.html" if platform else "legal/terms/gate.html"
    page = render(request, template, context)
    may_lead_to(page, service)
    return page


@login_not_required
@require_safe
def terms_difference_view(request: HttpRequest, slug: str, code: str = "") -> HttpResponse:
    """What a published version changes in the one before it."""
    versions = TermsVersion.objects.of(get_platform_or_404(code)).select_related("platform")
    version = get_object_or_404(versions.filter(published_at__isnull=False), slug=slug)
    if TermsWithdrawal.objects.filter(version=version).exists():
        return redirect(version)  # its page says that it was taken back
    before = find_previous_version(version)
    if before is None:
        raise Http404
    context = {
        "version": version,
        "previous": before,
        "changes": difference.compare_texts(before.body, version.body),
    }
    return render(request, "legal/terms/terms_difference.html", context)


def _get_service(request: HttpRequest) -> str:
    """A platform's address, if it is registered: the login page checks it again."""
    service = request.GET.get("service", "")
    return service if service and cas_services.match_platform(service) else ""


def _get_onward_url(request: HttpRequest, service: str) -> str:
    if service:
        return f"{reverse('cas:login')}?{urlencode({'service': service})}"
    return local_path(request.GET.get("next", "")) or reverse(settings.LANDING_URL_NAME)
