"""« Explain »: facts, dates, next step and past acts of one account, for operators and staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from accounts.habilitations.accesses.activity import counts_as_activity
from accounts.habilitations.accesses.models import PlatformActivity
from accounts.people.addresses import fold_address
from accounts.people.models import User
from lifecycle.enums import Step, StepReason
from lifecycle.ledger import entries
from lifecycle.models import Hold, LedgerEntry, LifecycleCase
from lifecycle.rules import brakes, config, planning
from lifecycle.rules.facts import gather_facts
from lifecycle.rules.policy import NextStep, forecast_steps, next_step
from lifecycle.rules.silent_platforms import find_accounts_unheard
from mgestion.text.dates import french_date, french_last_day, french_moment, paris_date


@dataclass(frozen=True, slots=True)
class AccountStory:
    """What « explain » shows. `user` is None for a deleted account, of which the ledger remains."""

    reference: str
    user: User | None
    facts: list[tuple[str, str]]
    coming: NextStep | None
    sentence: str
    then: list[tuple[date, Step]]
    cases: list[LifecycleCase]
    holds: list[Hold]
    lines: list[LedgerEntry]


def find_account(text: str) -> tuple[User | None, str]:
    """The account and its ledger reference, by address, public id or reference; (None, reference)
    when only the ledger knows it, (None, "") when nothing does.
    """
    text = text.strip()
    user = User.objects.filter(email_key=fold_address(text)).first() if "@" in text else None
    if user is None:
        try:
            public_id = UUID(text)
        except ValueError:
            public_id = None
        if public_id is not None:
            user = User.objects.filter(public_id=public_id).first()
            for reference in entries.list_references(public_id):
                if user is None and LedgerEntry.objects.filter(reference=reference).exists():
                    return None, reference
    if user is not None:
        return user, entries.get_reference(user.public_id)
    if LedgerEntry.objects.filter(reference=text).exists():
        return None, text
    return None, ""


def explain_account(user: User, now: datetime) -> AccountStory:
    rules = config.get_rules()
    facts = gather_facts([user], now)[user.pk]
    coming = next_step(facts, now, rules)
    stopped = _find_brake(user, coming, now)
    if stopped is not None:
        coming = NextStep(coming.step, stopped, coming.from_day)
    activity = PlatformActivity.objects.filter(user=user).select_related("platform")
    rows = [
        ("Statut", f"{user.get_status_display()}, depuis le {french_moment(user.status_since)}"),
        ("Compte créé", french_moment(user.created_at)),
        (
            "Dernière activité",
            french_moment(user.last_activity_at) if user.last_activity_at else "jamais",
        ),
        ("Horloge des 24\u00a0mois", f"court depuis le {french_moment(facts.clock_from)}"),
        *(
            (
                f"Activité sur {row.platform.name}",
                french_moment(row.last_at)
                + ("" if counts_as_activity(user.pk, row.platform) else " (ne compte pas)"),
            )
            for row in activity.order_by("platform__position")
        ),
        (
            "Réactivable jusqu’au",
            french_last_day(facts.revivable_until) if facts.revivable_until else "sans échéance",
        ),
        ("Demande en cours d’étude", "oui" if facts.open_request else "non"),
        ("Procédure retenue", "oui" if facts.held else "non"),
    ]
    coming_days = forecast_steps(facts, paris_date(now), rules, open_on=config.get_office_days())
    then = list(islice(coming_days, 3)) if stopped is None else []
    return AccountStory(
        reference=entries.get_reference(user.public_id),
        user=user,
        facts=rows,
        coming=coming,
        sentence=describe_next_step(coming, now, then),
        then=then,
        cases=list(LifecycleCase.objects.filter(user=user).order_by("opened_at")),
        holds=list(Hold.objects.filter(user=user).order_by("placed_at")),
        lines=entries.list_account_entries(user.public_id),
    )


def _find_brake(user: User, coming: NextStep, now: datetime) -> StepReason | None:
    """The brake that stops a due step. Office hours do not count: the forecast gives the day on
    which the mail leaves.
    """
    if coming.step is None or not coming.due:
        return None
    known = brakes.find_brakes(now, now)
    unheard = bool(find_accounts_unheard([user.pk], known.silence))
    why = known.find_reason_to_wait(
        coming.step, idle=user.status in planning.IDLE_STATUSES, unheard=unheard
    )
    return None if why == StepReason.OFFICE_HOURS else why


def explain_reference(reference: str) -> AccountStory:
    """The ledger lines of a deleted account."""
    lines = list(LedgerEntry.objects.filter(reference=reference).order_by("id"))
    return AccountStory(reference, None, [], None, "Ce compte n’existe plus.", [], [], [], lines)


def describe_next_step(
    coming: NextStep, now: datetime, then: Sequence[tuple[date, Step]] = ()
) -> str:
    """The next step in one French sentence. `then`: the forecast, which counts office days for
    mails.
    """
    if coming.step is None:
        return f"Aucune étape\u00a0: {coming.why.label}."
    step = Step(coming.step).label
    if coming.from_day is None:
        return f"Prochaine étape\u00a0: {step}, sans date\u00a0: {coming.why.label}."
    day = french_date(coming.from_day)
    if coming.due and then and then[0][0] > paris_date(now):
        first = french_date(then[0][0])
        return f"Prochaine étape\u00a0: {step}, le {first} ({coming.why.label})."
    if coming.due:
        return f"Prochaine étape\u00a0: {step}, due depuis le {day} ({coming.why.label})."
    if coming.from_day <= paris_date(now):
        return f"Prochaine étape\u00a0: {step}, retenue depuis le {day}\u00a0: {coming.why.label}."
    if then and then[0][1] == coming.step:
        day = french_date(then[0][0])
    return f"Prochaine étape\u00a0: {step}, au plus tôt le {day} ({coming.why.label})."
