"""« Changer d’adresse »: asked on the account page, confirmed from the new mailbox. A GET changes
nothing.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import LinkState, Purpose
from accounts.entry.login.adapter import SeeOther, check_own_password
from accounts.entry.login.pages import get_or_post_only, visitor_page
from accounts.entry.recovery import address_flows as flow
from accounts.entry.recovery.address_forms import ChangeAddressForm
from accounts.entry.second_factor import mailed_code_flows
from accounts.entry.second_factor.views import build_url_with_next, get_mailed_code_id
from accounts.entry.sessions import identifiers, session_flows
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.outbox.bounces.flows import find_last_return


@sensitive_post_parameters("current")
@get_or_post_only
def request_address_view(request: HttpRequest) -> HttpResponse:
    """The new address, twice, and the password: counted like a login, so that a borrowed screen
    cannot guess it. Without a second factor, a code from the present mailbox comes first.
    """
    user = get_signed_in_user(request)
    if mailed_code_flows.is_mailed_code_lacking(user, get_mailed_code_id(request), timezone.now()):
        return SeeOther(
            build_url_with_next("entry:factor_mailed_code", reverse("entry:ask_address"))
        )
    form = ChangeAddressForm(
        request.POST if request.method == "POST" else None,
        user=user,
        choice=request.POST.get("choice", ""),
    )
    if request.method == "POST" and form.is_valid() and not form.suggestion:
        now = timezone.now()
        typed, wrong = form.cleaned_data["current"], "Ce mot de passe est incorrect."
        try:
            check_own_password(request, user, typed, wrong=wrong, now=now)
        except Refused as refusal:
            form.add_error("current", refusal.message)
        else:
            try:
                flow.request_address_change(
                    user, form.cleaned_data["email"], mailed=get_mailed_code_id(request), now=now
                )
            except Refused as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(
                    request,
                    f"Un message est parti à {form.cleaned_data['email']}. Votre adresse change "
                    "quand vous suivez son lien, dans l’heure.",
                )
                return SeeOther(reverse("profile:home"))
    context = {"form": form, "person": user, "returned": find_last_return(user.public_id)}
    return render(request, "entry/recovery/ask_address.html", context)


@visitor_page
def change_address_view(request: HttpRequest, key: str) -> HttpResponse:
    """The page behind the mail: one button. Open to whoever holds the link, in any browser."""
    now = timezone.now()
    found = mailed_links.find_link(key, Purpose.ADDRESS, now)
    link = found.link
    if link is None or found.state is not LinkState.VALID:
        return _render_dead_link(request, flow.LINK_GONE)
    if request.method != "POST":
        context = {"old": link.user.email, "new": link.address}
        return render(request, "entry/recovery/change_address.html", context)
    own = request.user.is_authenticated and request.user.pk == link.user_id
    try:
        keep = (request.session.session_key or "") if own else ""
        user = flow.change_address(link, keep=keep, now=now)
    except Refused as refusal:
        return _render_dead_link(request, refusal.message)
    if own and isinstance(request.user, User):
        session_flows.carry_session_over(request, request.user)
    messages.success(
        request, f"Votre adresse est maintenant {user.email}. Vos autres sessions sont fermées."
    )
    if not own:
        identifiers.pass_identifier_on(request, user.email)
    return SeeOther(reverse("profile:home" if own else "cas:login"))


def _render_dead_link(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "entry/recovery/dead_address_link.html", {"reason": reason}, status=410)
