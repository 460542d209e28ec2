"""What a login means for the lifecycle of its account, in a sentence for the page that follows."""

from datetime import datetime
from typing import Final

from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import CaseCause
from lifecycle.models import LifecycleCase
from lifecycle.rules import config
from lifecycle.rules.policy import idle_day
from mgestion.text.dates import paris_date

REASSURED: Final = (
    "Votre compte allait être désactivé pour inactivité\u00a0: votre connexion arrête cette "
    "procédure. Votre compte et vos accès restent ouverts."
)


def remark_on_login(user: User, now: datetime) -> str:
    """For whoever was told by mail that the account would be deactivated (R96). `user`: as it stood
    before the login. Asks the database about accounts whose 24 months are over, and no other.
    """
    if user.status != Status.ACTIVE:
        return ""
    if paris_date(now) <= idle_day(user.clock_from, config.get_rules()):
        return ""
    noticed = LifecycleCase.objects.open().filter(
        user=user, cause=CaseCause.INACTIVITY, due_at__isnull=False
    )
    return REASSURED if noticed.exists() else ""
