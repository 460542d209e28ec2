"""The pages of the invited person: behind the mailed link, and after the login.

A GET changes nothing. Nothing on the pages behind the link depends on whether the address has an
account (S8).
"""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry.login.adapter import SeeOther
from accounts.entry.login.next_targets import NextTarget
from accounts.entry.login.pages import check_network_limit, get_or_post_only
from accounts.entry.sessions import identifiers
from accounts.entry.sign_up.forms import TYPE_AGAIN, CreatePasswordForm
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.legal.terms.flows import get_current_version
from accounts.legal.terms.request_documents import find_request_documents
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_date, french_last_day, last_day_before
from mgestion.web.kept_typing import forget_typing, posted_or_kept
from registrations.enrolment.views import CONFIRMATION_TAG, TERMS_CHANGED
from registrations.invitations.acceptance_flows import (
    AcceptedInvitation,
    accept_invitation,
    describe_obstacle,
    find_born_request,
    find_joined_request,
    find_replaced_access,
    holds_invited_access,
)
from registrations.invitations.account_flows import choose_password
from registrations.invitations.evidence import describe_inviter
from registrations.invitations.forms import InvitedForm
from registrations.invitations.invitation_links import find_invitation_by_key, is_invitation_key
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.invitations.querysets import select_invitations_with_details
from registrations.promise.response_times import recall_response_time
from registrations.requests.activity import record_activity
from registrations.requests.contacts import get_delegation_contact

# The same whether the address had an account or not.
CHOICE_RECORDED: Final = (
    "C’est enregistré. Connectez-vous avec votre adresse e-mail pour répondre à l’invitation. Si "
    "vous aviez déjà un compte à cette adresse, rien n’y a changé\u00a0: utilisez son mot de passe."
)


@login_not_required
@get_or_post_only
def invitation_view(request: HttpRequest, key: str) -> HttpResponse:
    """Who invites to what, and two ways on. A signed-in holder of the address goes straight to the
    request.
    """
    found = _find_pending(request, key)
    if isinstance(found, HttpResponse):
        return found
    if _is_for(found, request):
        return redirect("registrations:invited", found.pk)
    context = {
        **_describe(found),
        "other_session": isinstance(request.user, User),
        "password_url": reverse("registrations:invitation_password", args=[key]),
        "login_url": _build_target(found).to("cas:login"),
        "link_used": found.link_used_at is not None,
    }
    return render(request, "registrations/invitations/invitation.html", context)


@login_not_required
@sensitive_post_parameters("password1", "password2")
@get_or_post_only
def invitation_password_view(request: HttpRequest, key: str) -> HttpResponse:
    """« Créer mon compte »: the link is the proof of the address, so that a password is enough."""
    now = timezone.now()
    found = _find_pending(request, key)
    if isinstance(found, HttpResponse):
        return found
    if isinstance(request.user, User) or found.link_used_at is not None:
        return redirect("registrations:invitation", key)
    terms = get_current_version(now)
    posted = request.POST if request.method == "POST" else None
    form = CreatePasswordForm(
        posted, user=User(email=found.email), initial={"terms_version": terms.pk if terms else None}
    )
    if posted is not None:
        refusal = check_network_limit(request, "sign-up", settings.SIGN_UPS_PER_IP, now)
        if refusal:
            return refusal
    if posted is not None and form.is_valid():
        if terms is None or form.cleaned_data["terms_version"] != terms.pk:
            form.add_error("terms", TERMS_CHANGED)
            form.add_error("password1", TYPE_AGAIN)
        else:
            # The slow part, before the transaction: no lock is held while hashing.
            password_hash = make_password(form.cleaned_data["password1"])
            try:
                choose_password(found, password_hash=password_hash, terms=terms, now=now)
            except Refused as refused:
                form.add_error(None, refused.message)
            else:
                messages.success(request, CHOICE_RECORDED)
                identifiers.pass_identifier_on(request, found.email)
                return SeeOther(_build_target(found).to("cas:login"))
    if posted is not None and terms is not None:
        # The page that goes back names the version in force, whichever was posted.
        form.data = posted.copy()
        form.data["terms_version"] = str(terms.pk)
    context = {
        **_describe(found),
        "form": form,
        "terms": terms,
        "back": reverse("registrations:invitation", args=[key]),
    }
    return render(request, "registrations/invitations/password.html", context)


@get_or_post_only
def invited_view(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """The request, already filled in; a POST accepts the invitation."""
    now, user = timezone.now(), get_signed_in_user(request)
    invitation = select_invitations_with_details().filter(pk=invitation_id).first()
    if invitation is None:
        raise Http404
    if not _is_for(invitation, request):
        return render(
            request, "registrations/invitations/other_account.html", {"person": user}, status=403
        )
    record_activity(user, now=now)
    if invitation.status == InvitationStatus.ACCEPTED:
        born = find_born_request(user, invitation)
        return _follow(request, AcceptedInvitation(born))
    if invitation.get_state(now) != InvitationStatus.PENDING:
        return _render_ended(request, invitation)
    obstacle = describe_obstacle(user, invitation)
    if obstacle:
        context = {**_describe(invitation), "person": user, "obstacle": obstacle}
        return render(request, "registrations/invitations/invited.html", context)
    joined = find_joined_request(user, invitation)
    held = joined is None and holds_invited_access(user, invitation)
    code = invitation.platform.code
    documents = find_request_documents(MGESTION if code in MGESTION else [code], now)
    form = None
    if joined is None and not held:
        form = InvitedForm(
            posted_or_kept(request),
            invitation=invitation,
            user=user,
            conditions=documents.conditions,
        )
        if request.method == "POST" and request.POST.get("terms", "") != documents.stamp:
            form.add_error("accept_terms", TERMS_CHANGED)
    refused_words = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            outcome = accept_invitation(
                user, invitation.pk, answers=form.answers() if form else None, now=now
            )
        except Refused as refused:
            refused_words = refused.message
            if form is not None:
                form.add_error(None, refused.message)
        else:
            forget_typing(request)
            return _follow(request, outcome)
    context = {
        **_describe(invitation),
        "form": form,
        "person": user,
        "terms": documents.stamp,
        "conditions": documents.conditions,
        "joined": joined,
        "held": held,
        "replaced": find_replaced_access(user, invitation),
        "refused_words": refused_words,
        "response_time": recall_response_time(now, invitation.establishment.department_id),
        "contact": get_delegation_contact(invitation.establishment.department.delegation),
    }
    return render(request, "registrations/invitations/invited.html", context)


def _find_pending(request: HttpRequest, key: str) -> Invitation | HttpResponse:
    """The invitation of a key that still works, else the page that says what became of it."""
    invitation = find_invitation_by_key(key)
    if invitation is None:
        state, status = ("gone", 410) if is_invitation_key(key) else ("unknown", 404)
        return _render_dead(request, state, status)
    state = invitation.get_state(timezone.now())
    if state == InvitationStatus.PENDING:
        return invitation
    return _render_ended(request, invitation)


def _render_ended(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    state = invitation.get_state(timezone.now())
    if state == InvitationStatus.ACCEPTED and _is_for(invitation, request):
        return redirect("registrations:invited", invitation.pk)
    return _render_dead(request, state.value, 410, **_describe(invitation))


def _render_dead(request: HttpRequest, state: str, status: int, **said: Any) -> HttpResponse:
    context = {"state": state, "login_url": reverse("cas:login"), **said}
    return render(request, "registrations/invitations/ended.html", context, status=status)


def _is_for(invitation: Invitation, request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and user.email_key == invitation.email_key


def _describe(invitation: Invitation) -> dict[str, Any]:
    place = invitation.establishment
    return {
        "invitation": invitation,
        "place": place,
        "inviter": describe_inviter(invitation),
        "last_day": french_date(last_day_before(invitation.expires_at)),
        "facts": [
            ("Invitation de", describe_inviter(invitation)),
            ("Établissement", f"{place.name}, {place.get_kind_display()}"),
            ("SIRET", siret(place.siret)),
            ("Plateforme", invitation.platform.name),
            ("Rôle proposé", invitation.get_role_display()),
            ("Valable jusqu’au", french_last_day(invitation.expires_at)),
        ],
    }


def _build_target(invitation: Invitation) -> NextTarget:
    """Where the login leads: an address without the key."""
    return NextTarget(next=reverse("registrations:invited", args=[invitation.pk]))


def _follow(request: HttpRequest, outcome: AcceptedInvitation) -> HttpResponse:
    """To what came of it."""
    if outcome.request is None:
        messages.success(request, "L’invitation est classée\u00a0: rien n’est attendu de vous.")
        return redirect("registrations:services")
    if outcome.opened:
        messages.success(request, "Votre accès est ouvert. Un e-mail vous le confirme.")
    elif outcome.attached:
        messages.success(request, "L’invitation est jointe à votre demande.")
    elif request.method == "POST":
        messages.success(request, outcome.request.reference, extra_tags=CONFIRMATION_TAG)
    return redirect("registrations:request_status", outcome.request.reference)
