"""Sign-up, first password, reset and unlock. A GET changes nothing on any of these pages."""

import logging
from datetime import datetime
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.entry import mailed_links
from accounts.entry.limits import rate_limits
from accounts.entry.login import identifiers, next_targets
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.next_targets import Target
from accounts.entry.mailed_links import Purpose, State
from accounts.entry.models import PostedRequest
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.sign_up import first_password as password_flow
from accounts.entry.sign_up.forms import TYPE_AGAIN, CreatePasswordForm, SignUpForm
from accounts.habilitations.platforms import cas_services
from accounts.legal.terms.flows import current_version
from mgestion.errors import Refused
from mgestion.web.errors import too_many_requests
from mgestion.web.logs import one_line
from mgestion.web.middleware.client_ip import client_ip, network_key
from mgestion.web.request_id import current_request_id

_log = logging.getLogger(__name__)
_SHOWN: Final = 300  # characters of a refused address
_AS_IS: Final = "%/:?#[]@!$&'()*+,;=\\|{}^`"
page = require_http_methods(["GET", "HEAD", "POST"])
_sent_signer = TimestampSigner(sep=".", salt="entry.sent")
SENT_PAGE_LIFE = 3600


def read_target(request: HttpRequest) -> Target | None:
    """The target, None when the page must refuse the service."""
    try:
        return next_targets.of_request(request)
    except next_targets.UnknownService:
        return None


def unknown_service(request: HttpRequest) -> HttpResponse:
    """Said at once, before anybody types a password (R9), with what its integrator needs."""
    asked = request.POST.get("service") or request.GET.get("service", "")
    fault = cas_services.fault_of(asked)
    # Percent-encoded: nobody's sentences stand on this page, and no character hides.
    shown = quote(asked[:_SHOWN], safe=_AS_IS) + ("…" if len(asked) > _SHOWN else "")
    # Without its query, which may tell of a person.
    address = one_line(asked[:_SHOWN].partition("?")[0])
    _log.warning("service refused: %s (%s)", address, "malformed" if fault else "not registered")
    context = {"address": shown, "fault": fault, "request_id": current_request_id()}
    return render(request, "cas/unknown_service.html", context, status=403)


def limited(request: HttpRequest, what: str, rate: object, now: datetime) -> HttpResponse | None:
    """The 429 page when this network posts too much, else None."""
    wait = rate_limits.hit(_network(request, what), rate, now=now)  # type: ignore[arg-type]
    return too_many_requests(request, wait) if wait else None


def not_counted(request: HttpRequest, what: str, rate: object, now: datetime) -> None:
    """What `limited` counted with the same `now` succeeded: a company behind one address logs in
    as often as it has people.
    """
    rate_limits.take_back(_network(request, what), rate, now=now)  # type: ignore[arg-type]


def _network(request: HttpRequest, what: str) -> str:
    return f"{what}:{network_key(client_ip(request))}"


@login_not_required
@never_cache
@page
def sign_up(request: HttpRequest) -> HttpResponse:
    """The address, twice (R17). The answer and the work are the same for any address that the form
    accepts (S8).
    """
    target = read_target(request)
    if target is None:
        return unknown_service(request)
    if request.method != "POST":
        # « Corriger mon adresse »: what was typed, to be mended in both fields.
        row = _posted_row(request)
        typed = {"email": row.email, "email2": row.email} if row is not None else None
        return _sign_up_page(request, SignUpForm(initial=typed), target)
    now = timezone.now()
    refusal = limited(request, "sign-up", settings.SIGN_UPS_PER_IP, now)
    if refusal:
        return refusal
    form = SignUpForm(request.POST, choice=request.POST.get("choice", ""))
    if not form.is_valid() or form.suggestion:
        return _sign_up_page(request, form, target)
    row = post_request(Kind.SIGN_UP, form.cleaned_data["email"], target=target.text, now=now)
    return SeeOther(target.to("entry:sign_up_sent", suivi=_sent_signer.sign(row.id.hex)))


def _sign_up_page(request: HttpRequest, form: SignUpForm, target: Target) -> HttpResponse:
    context = {"form": form, "contact_url": settings.CONTACT_URL, **next_targets.ways(target)}
    return render(request, "entry/sign_up/sign_up.html", context)


def _posted_row(request: HttpRequest) -> PostedRequest | None:
    # The address itself stays out of addresses of pages (S25): the row is named, and only for an
    # hour.
    try:
        row_id = _sent_signer.unsign(request.GET.get("suivi", ""), max_age=SENT_PAGE_LIFE)
    except BadSignature:
        return None
    return PostedRequest.objects.filter(pk=row_id, kind=Kind.SIGN_UP).first()


@login_not_required
@never_cache
@page
def sign_up_sent(request: HttpRequest) -> HttpResponse:
    """« Consultez votre messagerie », with a way to ask for the mail again."""
    now = timezone.now()
    target = read_target(request) or Target()
    row = _posted_row(request)
    if request.method == "POST" and row is not None:
        wait = row.created_at + settings.LINK_COOLDOWN - now
        if wait.total_seconds() > 0:
            seconds = max(1, round(wait.total_seconds()))
            messages.warning(
                request,
                f"Un message vient de partir. Attendez encore {seconds}\u00a0secondes "
                "avant d’en demander un autre.",
            )
            return SeeOther(request.get_full_path())
        refusal = limited(request, "sign-up", settings.SIGN_UPS_PER_IP, now)
        if refusal:
            return refusal
        row = post_request(Kind.SIGN_UP, row.email, target=row.target, now=now)
        messages.success(request, "Votre demande de nouvel envoi est enregistrée.")
        return SeeOther(target.to("entry:sign_up_sent", suivi=_sent_signer.sign(row.id.hex)))
    context = {
        "row": row,
        **next_targets.ways(target),
        "correct_url": target.to("entry:sign_up", suivi=_sent_signer.sign(row.id.hex))
        if row is not None
        else target.to("entry:sign_up"),
        "cooldown": int(settings.LINK_COOLDOWN.total_seconds()),
        "life_hours": int(settings.SIGN_UP_LINK_LIFE.total_seconds() // 3600),
    }
    return render(request, "entry/sign_up/sign_up_sent.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@page
def create_password(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the mail (R20–R27). Only a POST with a valid form uses the link."""
    now = timezone.now()
    found = mailed_links.find(key, Purpose.SIGN_UP, now)
    if found.state is not State.VALID or found.link is None:
        return _dead_sign_up_link(request, found, now)
    link, terms = found.link, current_version(now)
    target = next_targets.restore(link.target)
    initial = {"terms_version": terms.pk if terms else None}
    posted = request.POST if request.method == "POST" else None
    form = CreatePasswordForm(posted, user=link.user, initial=initial)
    if posted is not None and form.is_valid():
        if terms is None or form.cleaned_data["terms_version"] != terms.pk:
            form.add_error(
                "terms",
                "Les conditions générales viennent de changer\u00a0: relisez-les, puis "
                "cochez la case.",
            )
            form.add_error("password1", TYPE_AGAIN)
        else:
            # The slow part, before the transaction: no lock is held while hashing.
            password_hash = make_password(form.cleaned_data["password1"])
            try:
                password_flow.create_password(
                    link, password_hash=password_hash, terms=terms, now=now
                )
            except Refused as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(
                    request,
                    "Votre mot de passe est créé. Connectez-vous avec votre adresse e-mail "
                    "et ce mot de passe.",
                )
                identifiers.hand_on(request, link.user)
                return SeeOther(target.to("cas:login"))
    if posted is not None and terms is not None:
        # The page that goes back names the version in force, whichever was posted.
        form.data = posted.copy()
        form.data["terms_version"] = str(terms.pk)
    context = {
        "form": form,
        "address": link.user.email,
        "terms": terms,
        **next_targets.ways(target),
    }
    return render(request, "entry/sign_up/create_password.html", context)


def _dead_sign_up_link(
    request: HttpRequest, found: mailed_links.Found, now: datetime
) -> HttpResponse:
    """Used: to the login. Expired: a POST asks for another mail, by the same road as a sign-up
    (D16).
    """
    if found.state is State.EXPIRED and found.link is not None and request.method == "POST":
        refusal = limited(request, "sign-up", settings.SIGN_UPS_PER_IP, now)
        if refusal:
            return refusal
        row = post_request(Kind.SIGN_UP, found.link.user.email, target=found.link.target, now=now)
        target = next_targets.restore(found.link.target)
        return SeeOther(target.to("entry:sign_up_sent", suivi=_sent_signer.sign(row.id.hex)))
    target = next_targets.restore(found.link.target) if found.link else Target()
    context = {"state": found.state.value, **next_targets.ways(target)}
    status = 404 if found.state is State.UNKNOWN else 410
    return render(request, "entry/dead_link.html", context, status=status)
