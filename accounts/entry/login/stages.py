"""The step of a login after the password."""

from typing import Final

from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.entry.gates import closed_gate
from accounts.entry.login.adapter import SeeOther
from accounts.entry.sessions import session_flows
from accounts.people.models import User

STAGE_KEY: Final = "second_factor"
_WAITING_LOGIN: Final = "account_login"  # where allauth keeps a login that waits


class SecondFactorStage(LoginStage):
    """People with a second factor show it before the login is complete."""

    key = STAGE_KEY
    urlname = "entry:second_factor"

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        user: User = self.login.user
        shown = bool(session_flows.get_factor_used(self.request))
        if closed_gate(user, None, timezone.now(), factor_shown=shown) is None:
            return None, True
        # A password changed or an account closed meanwhile ends this login as it ends sessions.
        self.state["epoch"] = user.get_session_auth_hash()
        session_flows.keep_session_briefly(self.request)
        return SeeOther(reverse(self.urlname)), True


def get_pending_stage(request: HttpRequest) -> SecondFactorStage | None:
    """The login of this browser that waits for its second factor, None when there is none, it
    waited too long (ACCOUNT_LOGIN_TIMEOUT), or its account has gone or begun another epoch. Only
    reads.
    """
    before = request.session.modified
    stage: SecondFactorStage | None = LoginStageController.enter(request, STAGE_KEY)
    if request.method != "POST":
        # allauth forgets a login that is too old as soon as it is looked at; a GET writes nothing.
        request.session.modified = before
    if stage is None or not isinstance(stage.login.user, User):
        return None
    now = stage.login.user.get_session_auth_hash()
    return stage if constant_time_compare(stage.state.get("epoch", ""), now) else None


def forget_pending_login(request: HttpRequest) -> None:
    request.session.pop(_WAITING_LOGIN, None)
