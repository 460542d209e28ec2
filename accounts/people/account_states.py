"""How an account changes its status: one table, and the verbs that walk it (`design.md` §3).

Login reads its own row only; what is due by a date is decided here at the moment of the login.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest

from accounts.acts import AccountAct
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.people.notifications import notify_standing_change
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry
from mgestion.text.dates import french_date, last_day_before, paris_date, start_of_paris_day

# From which status to which. What is not here does not exist; `deleted` is the absence of the row.
TRANSITIONS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.PENDING: frozenset({Status.ACTIVE}),
        Status.ACTIVE: frozenset(
            {
                Status.DEACTIVATED_INACTIVE,
                Status.DEACTIVATED_BY_ADMIN,
                Status.CLOSING,
                Status.SUSPENDED,
            }
        ),
        Status.DEACTIVATED_INACTIVE: frozenset({Status.ACTIVE, Status.SUSPENDED}),
        Status.DEACTIVATED_BY_ADMIN: frozenset({Status.ACTIVE, Status.SUSPENDED}),
        Status.CLOSING: frozenset({Status.ACTIVE, Status.SUSPENDED}),
        Status.SUSPENDED: frozenset({Status.ACTIVE}),
    }
)


class AccountFacts(Protocol):
    """What the rules of this module read of an account."""

    status: str
    revivable_until: datetime | None


@dataclass(frozen=True)
class SignInCheck:
    """What the account's status says to a person with the right password. `message` is shown to
    that person only.
    """

    allowed: bool
    code: str
    message: str = ""
    revives: bool = False


# Who is shut out must know where to write.
_HELP: Final = f"OPCO Mobilités ({settings.CONTACT_EMAIL})"
_EXPIRED = SignInCheck(
    False,
    "expired",
    "Votre compte a été désactivé pour inactivité et le délai pour le "
    "réactiver est écoulé\u00a0: il va être supprimé. "
    "Vous pourrez ensuite en créer un nouveau avec la même adresse.",
)


def check_sign_in(facts: AccountFacts, now: datetime) -> SignInCheck:
    """The way in, by status. Pure; `now` is aware.

    `revivable_until` is 24:00 of day 15 in Paris, the first moment that is too late; empty means
    that the delay is not bound yet (D20, D21).
    """
    match Status(facts.status):
        case Status.ACTIVE:
            return SignInCheck(True, "active")
        case Status.PENDING:
            # Nothing to tell: without a password nobody has proven anything.
            return SignInCheck(False, "pending")
        case Status.DEACTIVATED_INACTIVE:
            if facts.revivable_until is None or now < facts.revivable_until:
                return SignInCheck(True, "revives", revives=True)
            return _EXPIRED
        case Status.DEACTIVATED_BY_ADMIN:
            return SignInCheck(
                False,
                "deactivated_by_admin",
                "Votre compte a été désactivé par un administrateur."
                f"{_word_deletion_date(facts, now)} Pour le réactiver, adressez-vous à "
                f"l’administrateur de votre établissement ou à {_HELP}."
                if not _is_grace_over(facts, now)
                else "Votre compte a été désactivé par un administrateur et le délai pour le "
                "réactiver est écoulé\u00a0: il va être supprimé.",
            )
        case Status.SUSPENDED:
            return SignInCheck(
                False,
                "suspended",
                f"Votre compte est suspendu. Pour en connaître la raison, adressez-vous à {_HELP}.",
            )
        case Status.CLOSING:
            return SignInCheck(
                False,
                "closing",
                "Vous avez demandé la fermeture de votre compte. Pour y renoncer, "
                f"adressez-vous à {_HELP}.",
            )


def _is_grace_over(facts: AccountFacts, now: datetime) -> bool:
    return facts.revivable_until is not None and facts.revivable_until <= now


def _word_deletion_date(facts: AccountFacts, now: datetime) -> str:
    """The date of the deletion, once the mail that announces it was accepted."""
    if facts.revivable_until is None or _is_grace_over(facts, now):
        return ""
    day = french_date(last_day_before(facts.revivable_until))
    return f" Sans réactivation, il sera supprimé après le {day}."


def may_receive_reset(facts: AccountFacts, now: datetime) -> bool:
    """Whether a reset link is sent to this account, and works. Pure."""
    status = Status(facts.status)
    return status == Status.CLOSING or check_sign_in(facts, now).allowed


@transaction.atomic
def activate_account(user: User, *, password_hash: str, actor: Actor, now: datetime) -> None:
    """`pending` → `active`: the password made from the mailed link proves the address (R18, R19).

    Raises WrongState when the account is not pending any more.
    """
    changed = User.objects.filter(pk=user.pk, status=Status.PENDING).update(
        status=Status.ACTIVE, status_since=now, password=password_hash
    )
    if not changed:
        raise WrongState("not_pending", "Ce compte a déjà un mot de passe\u00a0: connectez-vous.")
    user.refresh_from_db()
    write_account_entry(AccountAct.ACCOUNT_ACTIVATED, user.public_id, actor=actor, now=now)


@transaction.atomic
def revive_by_login(user: User, *, actor: Actor, now: datetime) -> None:
    """`deactivated_inactive` → `active`, on a completed login within the delay.

    The statement holds the whole condition: a deletion that runs at the same moment and this login
    cannot both win. Raises WrongState when the account no longer qualifies.
    """
    changed = (
        User.objects.filter(pk=user.pk, status=Status.DEACTIVATED_INACTIVE)
        .filter(Q(revivable_until__isnull=True) | Q(revivable_until__gt=now))
        .update(
            status=Status.ACTIVE,
            status_since=now,
            revivable_until=None,
            clock_from=Greatest(F("clock_from"), now),  # only forward, whatever our clock does
            last_activity_at=Greatest(Coalesce(F("last_activity_at"), now), now),
        )
    )
    if not changed:
        raise WrongState("not_revivable", _EXPIRED.message)
    user.refresh_from_db()
    notify_standing_change([user.pk], True, now=now)
    write_account_entry(
        AccountAct.ACCOUNT_REVIVED, user.public_id, actor=actor, reason="login", now=now
    )


_MOVES = '"status" = %s AND ("last_activity_at" IS NULL OR "last_activity_at" < %s)'
# Written for both engines: as expressions of the ORM it took a quarter of a login to compile.
_NOTE_LOGIN = (
    'UPDATE "accounts_user" SET "last_login_at" = %s, '  # noqa: S608  # our own text
    f'"last_activity_at" = CASE WHEN {_MOVES} THEN %s ELSE "last_activity_at" END, '
    f'"clock_from" = CASE WHEN {_MOVES} AND "clock_from" < %s THEN %s ELSE "clock_from" END '
    'WHERE "id" = %s'
)


def note_login(user_id: int, *, now: datetime) -> bool:
    """A completed login: its date, and activity (D22, D52) for an active account, as
    `note_activity` moves it. One statement, which holds the row until the caller's commit.

    Returns False when the account is gone.
    """
    adapt = connection.ops.adapt_datetimefield_value
    at, day_start = adapt(now), adapt(start_of_paris_day(paris_date(now)))
    moves = (Status.ACTIVE.value, day_start)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_LOGIN, [at, *moves, at, *moves, at, at, user_id])
        return bool(cursor.rowcount)


def note_activity(user_id: int, *, now: datetime) -> bool:
    """Real activity: moves both dates forward, at most once per day of Paris. One
    statement.

    Returns whether the row moved. Activity per platform is a row of `habilitations`, a higher
    package.
    """
    day_start = start_of_paris_day(paris_date(now))
    return bool(
        User.objects.filter(pk=user_id, status=Status.ACTIVE)
        .filter(Q(last_activity_at__isnull=True) | Q(last_activity_at__lt=day_start))
        .update(last_activity_at=now, clock_from=Greatest(F("clock_from"), now))
    )


@transaction.atomic
def revive_by_activity(user: User, *, at: datetime, actor: Actor, now: datetime) -> bool:
    """`deactivated_inactive` → `active`: a platform tells, late, of an activity between the anchor
    and the deactivation, so that the account was never idle (D53). Whether it did. One on the
    anchor's own day (Paris) moves no day: the 24 months were over all the same. It also does after
    the last day, as long as the account is there: the deletion waits for such news (D72).
    """
    since = User.objects.select_for_update().filter(pk=user.pk).values_list("clock_from", flat=True)
    anchor = since.first()
    if anchor is None or paris_date(at) <= paris_date(anchor):
        return False
    changed = User.objects.filter(
        pk=user.pk,
        status=Status.DEACTIVATED_INACTIVE,
        status_since__gt=at,
    ).update(
        status=Status.ACTIVE,
        status_since=now,
        revivable_until=None,
        clock_from=at,
        last_activity_at=at,
    )
    if not changed:
        return False
    user.refresh_from_db()
    notify_standing_change([user.pk], True, now=now)
    write_account_entry(
        AccountAct.ACCOUNT_REVIVED, user.public_id, actor=actor, reason="activity", now=now
    )
    return True
