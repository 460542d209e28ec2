"""The letters of the lifecycle (R95, R98, R101, D40, D50). One function each, None when moot."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.emails import greeting, until
from accounts.entry import links
from accounts.entry.models import EntryLink
from accounts.enums import Status
from accounts.habilitations.querysets import open_accesses
from accounts.models import User
from lifecycle import dead_mailboxes, reviews
from lifecycle.config import rules
from lifecycle.enums import CaseState
from lifecycle.models import Hold, LifecycleCase
from lifecycle.policy import last_day
from mgestion.dates import french_date, french_moment, paris_date
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute

INACTIVITY_NOTICE = "lifecycle.inactivity_notice"
INACTIVITY_DEACTIVATED = "lifecycle.inactivity_deactivated"
CLOSED = "lifecycle.closed"
SIGN_UP_REMINDER = "lifecycle.sign_up_reminder"
REVIEWS = "lifecycle.reviews"
WAITING = "lifecycle.waiting"


def inactivity_notice(mail: Mail, now: datetime) -> Message | None:
    """15 days to log in again before the deactivation (R95). None once the person has come back."""
    case = _waiting(mail, CaseState.NOTICE_QUEUED, Status.ACTIVE)
    if case is None or case.user.clock_from >= case.anchor_ends:
        return None
    day = last_day(paris_date(now), rules().notice_days)
    user = case.user
    return compose(
        "mail/lifecycle/inactivity_notice",
        {
            **_common(user, day),
            "never": user.last_activity_at is None,
            "idle_since": french_date(case.anchor),
        },
        to=user.email,
        deadline=day,
    )


def inactivity_deactivated(mail: Mail, now: datetime) -> Message | None:
    """Deactivated; deletion in 15 days unless the person logs in (R98)."""
    case = _waiting(mail, CaseState.DEACTIVATED, Status.DEACTIVATED_INACTIVE)
    if case is None:
        return None
    day = last_day(paris_date(now), rules().grace_days)
    since = french_date(paris_date(case.user.status_since))
    return compose(
        "mail/lifecycle/inactivity_deactivated",
        {**_common(case.user, day), "since": since},
        to=case.user.email,
        deadline=day,
    )


def closed(mail: Mail, now: datetime) -> Message | None:
    """The end of a closure, to an address that belongs to no account any more (D50). The address
    stands in the row's data until the server has accepted, and is then forgotten.
    """
    address = str(mail.data.get("to", ""))
    if not address:
        return None
    return compose(
        "mail/lifecycle/closed",
        {
            "closed_on": french_date(paris_date(mail.created_at)),
            "privacy_url": absolute("legal:privacy"),
        },
        to=address,
    )


def sign_up_reminder(mail: Mail, now: datetime) -> Message | None:
    """Day 3 of a sign-up without a password, with a link of its own (D40)."""
    user = User.objects.filter(public_id=mail.subject_id, status=Status.PENDING).first()
    if user is None:
        return None
    link = EntryLink.objects.filter(
        pk=str(mail.data["link"]), user=user, used_at__isnull=True
    ).first()
    if link is None:
        return None
    # The link's life starts when the mail leaves, as for the first one.
    link.expires_at = now + links.life(link.purpose)
    link.save(update_fields=["expires_at"])
    purge_day = paris_date(user.created_at) + timedelta(days=rules().pending_days)
    purge_day = max(purge_day, paris_date(link.expires_at))  # a link that works keeps the sign-up
    return compose(
        "mail/lifecycle/sign_up_reminder",
        {
            "greeting": greeting(user),
            "address": user.email,
            "expires_at": french_moment(link.expires_at),
            "purge_day": french_date(purge_day),
            "action_url": absolute("entry:create_password", links.key_of(link)),
            "action_label": "Créer un mot de passe",
            "privacy_url": absolute("legal:privacy"),
        },
        to=user.email,
    )


def reviews_due(mail: Mail, now: datetime) -> Message | None:
    """To a national administrator: what is to review (D30, D61, D62). None once nothing is, or he
    is none any more.
    """
    user = reviews.administrators().filter(public_id=mail.subject_id).first()
    state = reviews.state(now)
    if user is None or not state.total + state.waiting:
        return None
    return compose(
        "mail/lifecycle/reviews",
        {
            "greeting": greeting(user),
            "state": state,
            "staff": reviews.staff().count(),
            "last_day": french_date(state.last_day),
            "action_url": absolute("admin:lifecycle_review_changelist"),
            "action_label": "Ouvrir la revue",
            "privacy_url": absolute("legal:privacy"),
        },
        to=user.email,
    )


def accounts_waiting(mail: Mail, now: datetime) -> Message | None:
    """To a national administrator: accounts that wait for one (D71). None once none does, or they
    are no administrator any more.
    """
    user = reviews.administrators().filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    waits = dead_mailboxes.waiting(now, but_proposed_by=user.public_id)
    if not waits.total:
        return None
    return compose(
        "mail/lifecycle/waiting",
        {
            "greeting": greeting(user),
            "waits": waits,
            "action_url": absolute("admin:index"),
            "action_label": "Ouvrir l’accueil des agents",
            "privacy_url": absolute("legal:privacy"),
        },
        to=user.email,
    )


def _waiting(mail: Mail, state: str, status: str) -> LifecycleCase | None:
    """The case that waits for this very mail, of an account that is concerned and not held."""
    case = (
        LifecycleCase.objects.select_related("user")
        .filter(pk=mail.subject_id, mail=mail, state=state, user__status=status)
        .first()
    )
    if case is None:
        return None
    held = Hold.objects.active().filter(Q(user=case.user) | Q(everything=True))
    return None if held.exists() else case


def _common(user: User, day: Any) -> dict[str, Any]:
    names = open_accesses(user).values_list("platform__name", flat=True)
    return {
        "greeting": greeting(user),
        "address": user.email,
        "until": until(day),
        "until_short": f"jusqu’au {french_date(day)}",
        "platforms": ", ".join(dict.fromkeys(names)),
        "action_url": absolute("cas:login"),
        "action_label": "Se connecter",
        "privacy_url": absolute("legal:privacy"),
    }
