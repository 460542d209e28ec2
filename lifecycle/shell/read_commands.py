"""Subcommands that only read: plan, upcoming, simulate, explain."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.management.base import CommandError

from accounts.people.models import User
from lifecycle.engine import account_stories
from lifecycle.engine.brakes import kill_switch
from lifecycle.enums import Step
from lifecycle.rules import brakes, config, planning, querysets, wording
from lifecycle.rules.brakes import Brakes
from lifecycle.shell.masking import mask_address, mask_name
from lifecycle.shell.printing import OutputTable, ProgressBar
from lifecycle.shell.screen import DONE, REFUSED, WRONG, CommandScreen
from mgestion.text.dates import PARIS, french_moment, paris_date
from mgestion.text.french import format_count

_WHO: Final = {"account": "compte", "email": "adresse", "name": "nom"}
_PLAN: Final = {
    **_WHO,
    "step": "étape",
    "reason": "motif",
    "from_day": "depuis",
    "due": "fait",
    "next_step": "ensuite",
    "next_day": "le",
    "case": "procédure",
    "as_of": "au",
}
_UPCOMING: Final = {"day": "jour", "step": "étape", **_WHO, "as_of": "au"}


def handle_plan(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    day = options.get("at")
    at = datetime.combine(day, time(12), tzinfo=PARIS) if day else screen.now
    print_plan(screen, at, options, [*Step])
    if day and day > paris_date(screen.now):
        screen.say(
            "Ce plan suppose qu’aucune exécution n’a lieu d’ici là\u00a0: «\u00a0simulate\u00a0» "
            "et «\u00a0upcoming\u00a0» disent ce qui se passera."
        )
    return DONE


def print_plan(
    screen: CommandScreen, at: datetime, options: Mapping[str, Any], steps: list[Step]
) -> None:
    """Prints each account with a step whose day has come at `at`, and what a run would leave."""
    shown = {key: label for key, label in _PLAN.items() if _is_column_shown(key, screen)}
    table = OutputTable(shown, screen.form, screen.out)
    due: dict[Step, int] = {}
    found: dict[Step, int] = {}  # the part of `due` that counts for the breaker
    kept = 0
    known = brakes.find_brakes(at, screen.now, any_hour=options.get("any_hour", False))
    progress = ProgressBar(screen.err)
    if progress.visible:  # counting costs a statement for each step
        progress.expect(planning.count_candidates(at))
    for line in planning.iterate_plan(at, progress.advance, known=known):
        progress.hide()
        if line.step not in steps:
            continue
        if line.due:
            due[line.step] = due.get(line.step, 0) + 1
            if line.step != Step.REMIND and (line.idle or line.step != Step.DELETE):
                found[line.step] = found.get(line.step, 0) + 1
        else:
            kept += 1
        table.row(
            {
                **_build_account_cells(line.user, options),
                "step": line.step.value,
                "reason": line.why.value,
                "from_day": line.from_day,
                "due": line.due,
                "next_step": line.then_step.value if line.then_step else None,
                "next_day": line.then,
                "case": str(line.case) if line.case else None,
                "as_of": screen.as_of,
            },
            {
                "step": line.step.label,
                "reason": line.why.label,
                "due": "oui" if line.due else "non",
                "next_step": line.then_step.label if line.then_step else "",
            },
        )
    progress.hide()
    table.end()
    said = ", ".join(f"{step.label}\u00a0: {number}" for step, number in due.items())
    screen.say(
        f"Au {french_moment(at)}\u00a0: {said or 'rien à faire'}\u202f; comptes retenus\u00a0: "
        f"{kept}."
    )
    print_brakes(screen, known)
    _print_limits(screen, due, found, over_breaker=options.get("over_breaker", False))


def _is_column_shown(key: str, screen: CommandScreen) -> bool:
    return screen.form != "table" or key not in ("as_of", "case")


def _build_account_cells(user: User, options: Mapping[str, Any]) -> dict[str, str]:
    email, name = user.email, f"{user.first_name} {user.last_name}".strip()
    if not options.get("unmask"):
        email, name = mask_address(email), mask_name(user.first_name, user.last_name)
    return {"account": str(user.public_id), "email": email, "name": name}


def print_brakes(screen: CommandScreen, known: Brakes) -> None:
    """Prints the brakes in force."""
    if known.off:
        placed = kill_switch.find_switch_hold()
        since = (
            f"les échéances sont arrêtées depuis le {french_moment(placed.placed_at)}"
            if placed
            else "les échéances s’arrêteront au prochain passage du planificateur"
        )
        screen.say(f"Le cycle de vie est coupé (LIFECYCLE_ENABLED=0)\u00a0: {since}.")
    elif querysets.is_everything_held():
        screen.say("Toutes les procédures sont retenues.")
    if known.silence:
        screen.say(f"Plateforme qui ne transmet plus, {wording.describe_silence(known.silence)}.")


def _print_limits(
    screen: CommandScreen, due: dict[Step, int], found: dict[Step, int], *, over_breaker: bool
) -> None:
    """Prints what the breaker and the cap would leave of the lines « fait : oui »."""
    if not over_breaker and max(found.values(), default=0) > config.get_breaker_floor():
        limit = config.get_breaker_limit(User.objects.count())
        for step in (step for step, number in found.items() if number > limit):
            screen.say(
                f"Le disjoncteur arrêterait l’étape «\u00a0{step.label}\u00a0»\u00a0: plus de "
                f"{format_count(limit, 'compte')}. Il faudrait --over-breaker."
            )
    left = {
        step: number - config.get_cap() for step, number in due.items() if number > config.get_cap()
    }
    if left:
        most = format_count(config.get_cap(), "compte")
        said = ", ".join(f"{step.label}\u00a0: {number}" for step, number in left.items())
        screen.say(
            f"Par exécution et par étape, {most} au plus\u00a0: il resterait {said}, pour les "
            "exécutions suivantes."
        )


def handle_upcoming(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    days = options["days"]
    if not 1 <= days <= 3660:
        raise CommandError("--days\u00a0: de 1 à 3660.", returncode=WRONG)
    end = paris_date(screen.now) + timedelta(days=days - 1)
    shown = {key: label for key, label in _UPCOMING.items() if _is_column_shown(key, screen)}
    table, number = OutputTable(shown, screen.form, screen.out), 0
    progress = ProgressBar(screen.err)
    for one in planning.iterate_upcoming_steps(screen.now, end, progress.advance):
        progress.hide()
        number += 1
        table.row(
            {
                **_build_account_cells(one.user, options),
                "day": one.day,
                "step": one.step.value,
                "as_of": screen.as_of,
            },
            {"step": one.step.label},
        )
    progress.hide()
    table.end()
    steps = format_count(number, "étape")
    screen.say(
        f"Jusqu’au {end} inclus, si personne ne se connecte\u00a0: {steps}. "
        "Les comptes retenus n’y sont pas."
    )
    print_brakes(screen, brakes.find_brakes(screen.now, screen.now))
    return DONE


def handle_simulate(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    start: date = options["start"] or paris_date(screen.now)
    end: date = options["end"]
    if end < start or end - start > timedelta(days=3660):
        raise CommandError("--to\u00a0: du premier jour à dix ans après lui.", returncode=WRONG)
    with ProgressBar(screen.err, unit="date") as progress:
        counts = planning.count_steps_by_day(
            start, end, screen.now, expect=progress.expect, progress=progress.advance
        )
    columns = {"day": "jour", **{step.value: step.label for step in Step}}
    if screen.form != "table":
        columns["as_of"] = "au"
    table = OutputTable(columns, screen.form, screen.out)
    for day in sorted({day for day, _ in counts}):
        table.row(
            {
                "day": day,
                **{step.value: counts[day, step] for step in Step},
                "as_of": screen.as_of,
            }
        )
    table.end()
    totals = {step: sum(n for (_, s), n in counts.items() if s == step) for step in Step}
    said = ", ".join(f"{step.label}\u00a0: {number}" for step, number in totals.items() if number)
    screen.say(f"Du {start} au {end}, si personne ne se connecte\u00a0: {said or 'rien'}.")
    screen.say("Ni le plafond d’une exécution ni le disjoncteur ne sont appliqués à ces nombres.")
    limit = config.get_breaker_limit(User.objects.count())
    for (day, step), number in sorted(counts.items()):
        if step != Step.REMIND and number > min(limit, 24 * config.get_cap()):
            screen.say(
                f"Le {day}, «\u00a0{step.label}\u00a0» concerne {format_count(number, 'compte')}"
                f"\u00a0: le disjoncteur ({limit}) ou le plafond d’une exécution "
                f"({config.get_cap()}) en laisserait."
            )
    print_brakes(screen, brakes.find_brakes(screen.now, screen.now))
    return DONE


def handle_explain(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    user, reference = account_stories.find_account(options["who"])
    if user is None and not reference:
        raise CommandError("Aucun compte, et rien au registre.", returncode=REFUSED)
    now = screen.now
    story = (
        account_stories.explain_account(user, now)
        if user
        else account_stories.explain_reference(reference)
    )
    lines = [f"Référence du registre\u00a0: {story.reference}"]
    who: dict[str, str] = {}
    if user is not None:
        who = _build_account_cells(user, options)
        lines.append(f"Compte\u00a0: {' '.join(who.values())}".rstrip())
    lines += [f"  {label}\u00a0: {value}" for label, value in story.facts]
    lines.append(story.sentence)
    lines += [f"  {day.isoformat()} {step.label}, si personne n’agit" for day, step in story.then]
    for hold in story.holds:
        state = f"levée le {french_moment(hold.released_at)}" if hold.released_at else "en cours"
        lines.append(f"Retenue ({hold.get_reason_display()})\u00a0: {state}")
    for line in story.lines:
        last = f", dernier jour {line.last_day.isoformat()}" if line.last_day else ""
        why = f" ({wording.describe_reason(line.reason)})" if line.reason else ""
        moment = line.at.astimezone(PARIS)
        lines.append(f"  {moment:%Y-%m-%d %H:%M} {wording.describe_ledger_line(line)}{why}{last}")
    screen.show({"reference": story.reference, **who, **_build_story_data(story)}, lines)
    return DONE


def _build_story_data(story: account_stories.AccountStory) -> dict[str, Any]:
    """The story as codes, for programs."""
    user, coming = story.user, story.coming
    dates = ("status_since", "created_at", "last_activity_at", "clock_from", "revivable_until")
    return {
        **(_pick(user, "status", *dates) if user is not None else {}),
        "next": {
            "step": coming.step.value if coming and coming.step else None,
            "reason": coming.why.value if coming else None,
            "from_day": coming.from_day if coming else None,
            "due": bool(coming and coming.due),
        },
        "then": [{"day": day, "step": step.value} for day, step in story.then],
        "cases": [
            {
                "case": str(case.pk),
                **_pick(case, "cause", "state", "anchor", "due_at", "closed_at", "outcome"),
            }
            for case in story.cases
        ],
        "holds": [_pick(hold, "reason", "placed_at", "released_at") for hold in story.holds],
        "ledger": [
            {
                **_pick(line, "at", "line", "cause", "reason", "last_day"),
                "case": str(line.case_id) if line.case_id else None,
            }
            for line in story.lines
        ],
    }


def _pick(row: object, *names: str) -> dict[str, Any]:
    """These columns; None for what is empty."""
    return {name: getattr(row, name) or None for name in names}
