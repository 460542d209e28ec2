"""Sign-up, first password, reset and unlock. A GET changes nothing on any of these pages."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import LinkState, Purpose
from accounts.entry.login import next_targets
from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.next_targets import NextTarget
from accounts.entry.login.pages import (
    check_network_limit,
    read_target,
    render_unknown_service,
    visitor_page,
)
from accounts.entry.models import PostedRequest
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.sessions import identifiers
from accounts.entry.sign_up import first_password as password_flow
from accounts.entry.sign_up.forms import TYPE_AGAIN, CreatePasswordForm, SignUpForm
from accounts.legal.terms.flows import get_current_version
from mgestion.errors import Refused

_sent_signer = TimestampSigner(sep=".", salt="entry.sent")
SENT_PAGE_LIFE = 3600


@visitor_page
def sign_up_view(request: HttpRequest) -> HttpResponse:
    """The address, twice. The answer and the work are the same for any address that the form
    accepts.
    """
    target = read_target(request)
    if target is None:
        return render_unknown_service(request)
    if request.method != "POST":
        # « Corriger mon adresse »: what was typed, to be mended in both fields.
        row = _find_posted_row(request)
        typed = {"email": row.email, "email2": row.email} if row is not None else None
        return _render_sign_up_page(request, SignUpForm(initial=typed), target)
    now = timezone.now()
    refusal = check_network_limit(request, "sign-up", settings.SIGN_UPS_PER_IP, now)
    if refusal:
        return refusal
    form = SignUpForm(request.POST, choice=request.POST.get("choice", ""))
    if not form.is_valid() or form.suggestion:
        return _render_sign_up_page(request, form, target)
    row = post_request(Kind.SIGN_UP, form.cleaned_data["email"], target=target.text, now=now)
    return _see_sent_page(target, row)


def _see_sent_page(target: NextTarget, row: PostedRequest) -> SeeOther:
    return SeeOther(target.to("entry:sign_up_sent", suivi=_sent_signer.sign(row.id.hex)))


def _render_sign_up_page(
    request: HttpRequest, form: SignUpForm, target: NextTarget
) -> HttpResponse:
    context = {
        "form": form,
        "contact_url": settings.CONTACT_URL,
        **next_targets.build_target_context(target),
    }
    return render(request, "entry/sign_up/sign_up.html", context)


def _find_posted_row(request: HttpRequest) -> PostedRequest | None:
    # The address itself stays out of addresses of pages: the row is named, and only for an
    # hour.
    try:
        row_id = _sent_signer.unsign(request.GET.get("suivi", ""), max_age=SENT_PAGE_LIFE)
    except BadSignature:
        return None
    return PostedRequest.objects.filter(pk=row_id, kind=Kind.SIGN_UP).first()


@visitor_page
def sign_up_sent_view(request: HttpRequest) -> HttpResponse:
    """« Consultez votre messagerie », with a way to ask for the mail again."""
    now = timezone.now()
    target = read_target(request) or NextTarget()
    row = _find_posted_row(request)
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
        refusal = check_network_limit(request, "sign-up", settings.SIGN_UPS_PER_IP, now)
        if refusal:
            return refusal
        row = post_request(Kind.SIGN_UP, row.email, target=row.target, now=now)
        messages.success(request, "Votre demande de nouvel envoi est enregistrée.")
        return _see_sent_page(target, row)
    context = {
        "row": row,
        **next_targets.build_target_context(target),
        "correct_url": target.to("entry:sign_up", suivi=_sent_signer.sign(row.id.hex))
        if row is not None
        else target.to("entry:sign_up"),
        "cooldown": int(settings.LINK_COOLDOWN.total_seconds()),
        "life_hours": int(settings.SIGN_UP_LINK_LIFE.total_seconds() // 3600),
    }
    return render(request, "entry/sign_up/sign_up_sent.html", context)


@visitor_page
@sensitive_post_parameters("password1", "password2")
def create_password_view(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the mail. Only a POST with a valid form uses the link."""
    now = timezone.now()
    found = mailed_links.find_link(key, Purpose.SIGN_UP, now)
    if found.state is not LinkState.VALID or found.link is None:
        return _answer_dead_link(request, found, now)
    link, terms = found.link, get_current_version(now)
    target = next_targets.restore_target(link.target)
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
                identifiers.pass_identifier_on(request, link.user.email)
                return SeeOther(target.to("cas:login"))
    if posted is not None and terms is not None:
        # The page that goes back names the version in force, whichever was posted.
        form.data = posted.copy()
        form.data["terms_version"] = str(terms.pk)
    context = {
        "form": form,
        "address": link.user.email,
        "terms": terms,
        **next_targets.build_target_context(target),
    }
    return render(request, "entry/sign_up/create_password.html", context)


def _answer_dead_link(
    request: HttpRequest, found: mailed_links.FoundLink, now: datetime
) -> HttpResponse:
    """Used: to the login. Expired: a POST asks for another mail, by the same road as a sign-up."""
    if found.state is LinkState.EXPIRED and found.link is not None and request.method == "POST":
        refusal = check_network_limit(request, "sign-up", settings.SIGN_UPS_PER_IP, now)
        if refusal:
            return refusal
        row = post_request(Kind.SIGN_UP, found.link.user.email, target=found.link.target, now=now)
        target = next_targets.restore_target(found.link.target)
        return _see_sent_page(target, row)
    target = next_targets.restore_target(found.link.target) if found.link else NextTarget()
    context = {"state": found.state.value, **next_targets.build_target_context(target)}
    status = 404 if found.state is LinkState.UNKNOWN else 410
    return render(request, "entry/dead_link.html", context, status=status)
