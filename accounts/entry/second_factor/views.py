"""The second factor: at login, and on the account page. A GET changes nothing; codes are shown in
the answer to the POST that made them, and never again.
"""

import base64
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.entry.login import next_targets, stages
from accounts.entry.login.adapter import SeeOther, check_own_password, get_circumstances
from accounts.entry.login.flows import check_account_gate
from accounts.entry.login.next_targets import NextTarget
from accounts.entry.login.pages import (
    check_network_limit,
    get_or_post_only,
    uncount_network_event,
    visitor_page,
)
from accounts.entry.second_factor import factors, mailed_code_flows, set_aside
from accounts.entry.second_factor import flows as flow
from accounts.entry.second_factor.forms import CodeForm, ConfirmForm, FirstCodeForm
from accounts.entry.second_factor.passkeys.passkey_forms import PASSKEY_FIELD
from accounts.entry.second_factor.passkeys.passkey_forms import (
    verify_posted_passkey as prove_by_key,
)
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from accounts.people.signed_in import get_signed_in_user
from mgestion.errors import Refused
from mgestion.web.form_action import may_lead_to
from mgestion.web.safe_redirect import local_path

_MAILED: Final = "mailed_code"
_SECRET: Final = "second_factor_secret"  # noqa: S105 - a name: what is kept is encrypted


_View = Callable[..., HttpResponse]


def get_next_path(request: HttpRequest) -> str:
    """Where the person was going: a path of this portal, or ""."""
    return local_path(request.POST.get("next", "") or request.GET.get("next", ""))


def build_url_with_next(url_name: str, onward: str) -> str:
    address = reverse(url_name)
    return f"{address}?{urlencode({'next': onward})}" if onward else address


# --- at login -------------------------------------------------------------------------------------


@visitor_page
@sensitive_post_parameters("code")
def second_factor_login_view(request: HttpRequest) -> HttpResponse:
    """After the password: the login is not complete, nobody is logged in yet."""
    stage = stages.get_pending_stage(request)
    if stage is None:
        return SeeOther(reverse("cas:login"))
    user: User = stage.login.user
    target = _parse_target(stage.login.redirect_url or "")
    by_key = PASSKEY_FIELD in request.POST
    state = factors.get_factor_state(user)
    posted = request.POST if request.method == "POST" else None
    form = CodeForm(posted, application=bool(state.since), optional=by_key)
    if request.method == "POST":
        now = timezone.now()
        refusal = check_network_limit(request, "login", settings.LOGINS_PER_IP, now)
        if refusal:
            return refusal
        if form.is_valid():
            where = get_circumstances(request, user.email)
            try:
                # The account may have been closed since the password was typed.
                check_account_gate(user, where=where, now=now)
                if by_key:
                    prove_by_key(request, user, now=now)
                    used = PASSKEY_FIELD
                    uncount_network_event(request, "passkey", settings.LOGINS_PER_IP, now)
                else:
                    used = flow.verify_code(user, form.cleaned_data["code"], where=where, now=now)
                uncount_network_event(request, "login", settings.LOGINS_PER_IP, now)
                session_flows.note_factor_used(request, used)
                response: HttpResponse = stage.exit()
            except Refused as refused:
                form.add_error(None if by_key else "code", refused.message)
            else:
                stages.forget_pending_login(request)
                if not target.service or target.own_path:
                    messages.success(request, _word_welcome(user, used))
                return response
    context = {
        "form": form,
        "address": user.email,
        "state": state,
        **next_targets.build_target_context(target),
    }
    answer = render(request, "entry/second_factor/second_factor.html", context)
    may_lead_to(answer, target.service)
    return answer


def _parse_target(address: str) -> NextTarget:
    try:
        return next_targets.parse_target(QueryDict(urlsplit(address).query))
    except next_targets.UnknownService:
        return NextTarget()


def _word_welcome(user: User, used: str) -> str:
    if used != "recovery":
        return "Vous êtes connecté."
    left = factors.get_factor_state(user).codes_left
    return (
        f"Vous êtes connecté. Il vous reste {left}\u00a0code{'s' if left > 1 else ''} de secours."
    )


# --- confirming that it is still you --------------------------------------------------------------


def require_confirmation(
    page_of_the_button: str = "entry:factor", *, login_counts: bool = False, mailed: bool = False
) -> Callable[[_View], _View]:
    """For people who gave their password again in the last minutes, and a second factor if they
    have one. A POST comes back to the page with the button, and not to the act.

    The login does not count, since a session stolen right after it must not add a second factor,
    unless `login_counts`. `mailed`: a first factor needs the code that is mailed then too, so that
    somebody who knows only the password cannot lock the owner out.
    """
    recently = (
        session_flows.is_recently_proven if login_counts else session_flows.is_recently_confirmed
    )

    def guard(view: _View) -> _View:
        @wraps(view)
        def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            user, now = get_signed_in_user(request), timezone.now()
            back = request.get_full_path()
            if request.method == "POST":
                back = build_url_with_next(page_of_the_button, get_next_path(request))
            if not recently(request, now) or _lacks_factor_proof(request, user):
                return SeeOther(build_url_with_next("entry:factor_confirm", back))
            code_id = get_mailed_code_id(request)
            if mailed and mailed_code_flows.is_mailed_code_lacking(user, code_id, now):
                return SeeOther(build_url_with_next("entry:factor_mailed_code", back))
            return view(request, **kwargs)

        return wrapped

    return guard


def get_mailed_code_id(request: HttpRequest) -> str:
    """The id of the mailed code that this session has asked for, or ""."""
    return str(request.session.get(_MAILED, ""))


def send_session_code(request: HttpRequest, user: User, now: datetime) -> None:
    """Mail a code that counts for this session. Raises Refused."""
    request.session[_MAILED] = mailed_code_flows.send_mailed_code(user, now=now).id.hex


def _lacks_factor_proof(request: HttpRequest, user: User) -> bool:
    return not session_flows.has_second_factor(request) and factors.has_factor(user)


@sensitive_post_parameters("password", "code")
@get_or_post_only
def confirm_view(request: HttpRequest) -> HttpResponse:
    """The password, and a code where the session was opened without one; or a passkey, which is
    worth both.
    """
    user = get_signed_in_user(request)
    onward = get_next_path(request) or reverse("entry:factor")
    # By the stricter of the two rules: a page that asks for it would else lead here for ever.
    password = not session_flows.is_recently_confirmed(request, timezone.now())
    code = _lacks_factor_proof(request, user)
    if not password and not code:
        return SeeOther(onward)
    posted = request.POST if request.method == "POST" else None
    by_key = PASSKEY_FIELD in request.POST
    state = factors.get_factor_state(user)
    form = ConfirmForm(
        posted, password=password, code=code, application=bool(state.since), optional=by_key
    )
    now = timezone.now()
    if by_key:
        refusal = check_network_limit(request, "login", settings.LOGINS_PER_IP, now)
        if refusal:
            return refusal
        try:
            prove_by_key(request, user, now=now)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            for what in ("login", "passkey"):
                uncount_network_event(request, what, settings.LOGINS_PER_IP, now)
            session_flows.stamp_proof(request, now, factor=True, again=True)
            return SeeOther(onward)
    elif request.method == "POST" and form.is_valid():
        said, wrong, field = form.cleaned_data, "Ce mot de passe est incorrect.", "password"
        try:
            if password:
                check_own_password(request, user, said["password"], wrong=wrong, now=now)
            if code:
                field = "code"
                where = get_circumstances(request, user.email)
                flow.verify_code(user, said["code"], where=where, now=now)
        except Refused as refused:
            form.add_error(field, refused.message)
        else:
            session_flows.stamp_proof(request, now, factor=code, again=True)
            if not state and urlsplit(onward).path in _mailed_code_paths():
                # One click less: the page that follows waits for this code.
                with suppress(Refused):
                    send_session_code(request, user, now)
            return SeeOther(onward)
    context = {"form": form, "next": onward, "person": user, "keys": state.passkeys}
    return render(request, "entry/confirm.html", context)


def _mailed_code_paths() -> tuple[str, ...]:
    names = ("factor_set_up", "passkey_add", "factor_mailed_code", "ask_address")
    return tuple(reverse(f"entry:{name}") for name in names)


# --- on the account page --------------------------------------------------------------------------


def factor_overview_view(request: HttpRequest) -> HttpResponse:
    """What there is, and what can be done. Agents on their way to the administration land here."""
    user = get_signed_in_user(request)
    onward = get_next_path(request)
    state = factors.get_factor_state(user)
    if state and onward and not session_flows.has_second_factor(request):
        return SeeOther(build_url_with_next("entry:factor_confirm", onward))
    context = {
        "person": user,
        "state": state,
        "next": onward,
        "set_aside": set_aside.has_set_aside_factors(user),
    }
    return render(request, "entry/second_factor/factor.html", context)


@sensitive_post_parameters("code")
@get_or_post_only
def set_up_application_view(request: HttpRequest) -> HttpResponse:
    """POST without a code: a secret for this session, kept before the password is asked again, so
    that who confirms it lands on the page that shows it. Then as `_enrol_application_view`.
    """
    if request.method == "POST" and "code" not in request.POST:
        request.session[_SECRET] = factors.adapter.encrypt(factors.generate_secret())
    return _enrol_application_view(request)


@require_confirmation("entry:factor_set_up", mailed=True)
def _enrol_application_view(request: HttpRequest) -> HttpResponse:
    """GET: shows the secret. POST with its code: installs it. Neither without the password."""
    user, onward = get_signed_in_user(request), get_next_path(request)
    if request.method == "POST" and "code" not in request.POST:
        return SeeOther(build_url_with_next("entry:factor_set_up", onward))
    kept = request.session.get(_SECRET)
    if not kept:
        return SeeOther(build_url_with_next("entry:factor", onward))
    secret = factors.adapter.decrypt(kept)
    form = FirstCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            codes = flow.enrol_application(
                user,
                secret,
                form.cleaned_data["code"],
                mailed=get_mailed_code_id(request),
                keep=request.session.session_key or "",
                now=now,
            )
        except Refused as refused:
            form.add_error("code", refused.message)
        else:
            del request.session[_SECRET]
            session_flows.carry_session_over(request, user)
            session_flows.stamp_proof(request, now, factor=True, again=True)
            return render_recovery_codes(
                request, codes, onward, "Votre double authentification est active."
            )
    context = {"form": form, "next": onward, **_draw_secret(user, secret)}
    return render(request, "entry/second_factor/factor_set_up.html", context)


def _draw_secret(user: User, secret: str) -> dict[str, str]:
    address = factors.adapter.build_totp_url(user, secret)
    picture = base64.b64encode(factors.adapter.build_totp_svg(address).encode()).decode()
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {
        "picture": f"data:image/svg+xml;base64,{picture}",
        "secret": groups,
        "otpauth": address,
    }


@require_POST
@require_confirmation()
def renew_codes_view(request: HttpRequest) -> HttpResponse:
    user = get_signed_in_user(request)
    try:
        key = request.session.session_key or ""
        codes = flow.renew_recovery_codes(user, keep=key, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
        return SeeOther(reverse("entry:factor"))
    session_flows.carry_session_over(request, user)
    return render_recovery_codes(
        request, codes, get_next_path(request), "Vos anciens codes ne valent plus rien."
    )


def render_recovery_codes(
    request: HttpRequest, codes: list[str], onward: str, done: str
) -> HttpResponse:
    context = {
        "codes": [f"{code[:4]} {code[4:]}" for code in codes],
        "done": done,
        "next": onward or reverse("profile:home"),
    }
    return render(request, "entry/second_factor/factor_codes.html", context)


@get_or_post_only
@require_confirmation()
def remove_application_view(request: HttpRequest) -> HttpResponse:
    """Asked once more; an agent is told to keep one."""
    user = get_signed_in_user(request)
    if request.method == "POST":
        try:
            key = request.session.session_key or ""
            flow.remove_application(user, keep=key, now=timezone.now())
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            if not factors.has_factor(user):
                session_flows.forget_factor(request)
            session_flows.carry_session_over(request, user)
            messages.success(request, "L’application est retirée.")
        return SeeOther(reverse("entry:factor"))
    keys = factors.get_factor_state(user).passkeys
    return render(request, "entry/second_factor/factor_remove.html", {"person": user, "keys": keys})
