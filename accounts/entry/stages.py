"""The step of a login after the password."""

from typing import Final

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.entry import factors
from accounts.entry.adapter import SeeOther

KEY: Final = "second_factor"


class SecondFactorStage(LoginStage):
    """Whoever has a second factor shows it before the login is complete (S18)."""

    key = KEY
    urlname = "entry:second_factor"

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        if not factors.has_factor_known(self.login.user):
            return None, True
        return SeeOther(reverse(self.urlname)), True


def pending(request: HttpRequest) -> SecondFactorStage | None:
    """The login of this browser that waits for its second factor, None when there is none or it
    waited too long (allauth's ACCOUNT_LOGIN_TIMEOUT, 15 min). Only reads.
    """
    before = request.session.modified
    stage: SecondFactorStage | None = LoginStageController.enter(request, KEY)
    if request.method != "POST":
        # allauth forgets a login that is too old as soon as it is looked at; a GET writes nothing.
        request.session.modified = before
    return stage


def give_up(request: HttpRequest) -> None:
    """Forget the login that waits."""
    request.session.pop(LOGIN_SESSION_KEY, None)
