"""What a browser posts for a passkey: one hidden field that a script fills, about the challenge
that the session holds.
"""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.entry.limits import rate_limits
from accounts.entry.login.adapter import get_circumstances
from accounts.entry.login.flows import NEUTRAL, CountedTry, NetworkRefused, check_account_gate
from accounts.entry.login.forms import LoginForm
from accounts.entry.login.pages import get_network_key
from accounts.entry.models import PasskeyChallenge
from accounts.entry.second_factor.passkeys import passkey_flows as flow
from accounts.entry.second_factor.passkeys import webauthn
from accounts.entry.sessions import session_flows
from accounts.people.models import User
from mgestion.errors import Refused

PASSKEY_FIELD: Final = "passkey"
_ASKED: Final = "passkey_challenge"
Purpose = PasskeyChallenge.Purpose


def ask_challenge(request: HttpRequest, purpose: str, *, now: datetime) -> bytes:
    """A challenge for this session; an earlier one is forgotten."""
    row = flow.create_challenge(purpose, now=now)
    request.session[_ASKED] = row.id.hex
    session_flows.keep_session_briefly(request)
    return flow.decode_challenge(row)


def read_answer(request: HttpRequest, purpose: str, *, now: datetime) -> tuple[str, bytes]:
    """What was posted, and the challenge that it is about: b"" when there is none (any more)."""
    challenge = flow.take_challenge(request.session.pop(_ASKED, ""), purpose, now=now)
    answer = request.POST.get(PASSKEY_FIELD, "")
    return ("" if len(answer) > webauthn.LONGEST_ANSWER else answer), challenge


class PasskeyLoginForm(LoginForm):
    """Module 1 without its two inputs. Shown again, it is the ordinary one with a message."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def clean(self) -> dict[str, Any]:
        request, now = self.request, timezone.now()
        login, passkey = (get_network_key(request, what) for what in ("login", PASSKEY_FIELD))
        wait = rate_limits.count_event(login, settings.LOGINS_PER_IP, now=now)
        if wait:
            raise NetworkRefused(wait)
        # The other one counts challenges, as they are asked for.
        self.counted = CountedTry(at=now, networks=(login, passkey))
        answer, challenge = read_answer(request, Purpose.ENTER, now=now)
        owner = webauthn.find_answer_owner(answer)
        where = get_circumstances(request, owner.email if owner else "")
        try:
            user = flow.verify_passkey(owner, answer, challenge, alone=True, where=where, now=now)
            self.address = user.email
            check_account_gate(user, where=where, now=now)
        except Refused as refused:
            said = flow.WRONG if refused.message == NEUTRAL else refused.message
            raise ValidationError(said, code=refused.code) from refused
        user.backend = "accounts.entry.login.backends.PasswordBackend"
        self.user = user
        return dict(self.cleaned_data)

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        session_flows.note_factor_used(request, PASSKEY_FIELD)
        return super().login(request, redirect_url)


def build_login_form(request: HttpRequest) -> LoginForm:
    kind = PasskeyLoginForm if PASSKEY_FIELD in request.POST else LoginForm
    return kind(request.POST, request=request)


class PasskeyNameForm(forms.Form):
    """A label, for its owner's eyes only."""

    name = forms.CharField(
        label="Nom de la clé",
        max_length=60,
        help_text="Pour la reconnaître\u00a0: «\u00a0Téléphone\u00a0», «\u00a0Portable du "
        "bureau\u00a0»…",
        error_messages={"required": "Donnez un nom à cette clé."},
    )


def verify_posted_passkey(request: HttpRequest, user: User, *, now: datetime) -> None:
    """That a known person is here, by one of their passkeys. Raises Refused."""
    answer, challenge = read_answer(request, Purpose.PROVE, now=now)
    where = get_circumstances(request, user.email)
    flow.verify_passkey(user, answer, challenge, alone=False, where=where, now=now)
