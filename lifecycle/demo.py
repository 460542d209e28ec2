"""Demo accounts at each stage of the lifecycle, brought there by real runs at past dates."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from accounts.entry.demo import make_account
from accounts.leaving import account_departures
from accounts.people.addresses import fold_address
from accounts.people.enums import DeactivationReason
from accounts.people.models import User
from lifecycle.engine.batches import RunReport
from lifecycle.engine.brakes import holds
from lifecycle.engine.run import execute_run
from lifecycle.engine.settle import settle_cases
from lifecycle.enums import HoldReason
from mgestion.demo import Demo, DemoAccount
from mgestion.journal.actors import Actor
from mgestion.outbox.flows import deliver_due_mails
from mgestion.text.dates import add_months, paris_date, start_of_paris_day

PASSWORD = "Passerelle-Verte-2026"  # noqa: S105  # published: demo only
_HOST = "atelier-fictif.example.org"
_ACTOR = Actor.system("demo")

NOTIFIED = f"ines.avertie@{_HOST}"
INACTIVE = f"hugo.inactif@{_HOST}"
HELD = f"lea.retenue@{_HOST}"
DISMISSED = f"marc.ecarte@{_HOST}"
CLOSING = f"zoe.partante@{_HOST}"
SUSPENDED = f"paul.suspendu@{_HOST}"

# As they write their names; an address has no accents.
_NAMES: Final = {
    NOTIFIED: ("Inès", "Avertie"),
    INACTIVE: ("Hugo", "Inactif"),
    HELD: ("Léa", "Retenue"),
    DISMISSED: ("Marc", "Écarté"),
    CLOSING: ("Zoé", "Partante"),
    SUSPENDED: ("Paul", "Suspendu"),
}

ACCOUNTS = (
    DemoAccount(NOTIFIED, PASSWORD, "Compte averti", "une connexion met fin à la procédure"),
    DemoAccount(INACTIVE, PASSWORD, "Désactivé pour inactivité", "une connexion le réactive"),
    DemoAccount(HELD, PASSWORD, "Procédure retenue", "à reprendre dans l’administration"),
    DemoAccount(DISMISSED, PASSWORD, "Désactivé par un administrateur", "connexion refusée"),
    DemoAccount(CLOSING, PASSWORD, "Fermeture demandée", "la date et comment y renoncer"),
    DemoAccount(SUSPENDED, PASSWORD, "Compte suspendu", "connexion refusée"),
)


def load_demo_accounts(now: datetime) -> None:
    """Idempotent."""
    if User.objects.filter(email_key=fold_address(NOTIFIED)).exists():
        return
    ended = {INACTIVE: 21, HELD: 21, NOTIFIED: 4}  # days since the end of the 24 months
    people = {}
    for account in ACCOUNTS:
        since = now - timedelta(days=30)
        if account.email in ended:
            day = paris_date(now) - timedelta(days=ended[account.email])
            since = start_of_paris_day(add_months(day, -24)) + timedelta(hours=10)
        people[account.email] = make_account(
            account.email,
            PASSWORD,
            *_NAMES[account.email],
            now=since,
            last_activity_at=since,
        )
    _run_and_deliver(now - timedelta(days=20))
    holds.place_hold(
        people[HELD], reason=HoldReason.LEGAL, actor=_ACTOR, now=now - timedelta(days=10)
    )
    _run_and_deliver(now - timedelta(days=3))
    _apply_act(
        people[DISMISSED], account_departures.deactivate_account, DeactivationReason.LEFT, now
    )
    _apply_act(
        people[SUSPENDED], account_departures.suspend_account, DeactivationReason.BREACH, now
    )
    account_departures.close_account(
        people[CLOSING], actor=Actor.person(people[CLOSING]), now=now - timedelta(days=1)
    )
    settle_cases(RunReport(now=now, actor="demo"))


def _run_and_deliver(moment: datetime) -> None:
    """A run at `moment`, the delivery of its mails, and the update of the cases."""
    execute_run(moment, trigger="demo", any_hour=True)
    deliver_due_mails(lambda: moment, uuid4(), seconds=3600)
    settle_cases(RunReport(now=moment, actor="demo"))


def _apply_act(user: User, verb: Callable[..., object], reason: str, now: datetime) -> None:
    verb(user, actor=_ACTOR, reason=reason, now=now - timedelta(days=1))


WATCHED: Final = Demo(load_demo_accounts, ACCOUNTS)
