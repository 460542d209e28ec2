"""The sentence shown after a login that stops a procedure of inactivity."""

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
    """Reassures a person who received a notice of deactivation; "" for others. `user`: as
    before the login. Queries the database only for accounts whose 24 months are over.
    """
    if user.status != Status.ACTIVE:
        return ""
    if paris_date(now) <= idle_day(user.clock_from, config.get_rules()):
        return ""
    noticed = LifecycleCase.objects.open().filter(
        user=user, cause=CaseCause.INACTIVITY, due_at__isnull=False
    )
    return REASSURED if noticed.exists() else ""
