"""Subcommands that write, with --apply only: run, extend, hold, release, reconcile."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.management.base import CommandError

from accounts.people.models import User
from lifecycle.acts import LifecycleAct
from lifecycle.engine import account_stories, deadlines, reconciliation
from lifecycle.engine.brakes import holds, kill_switch
from lifecycle.engine.reconciliation import ErasureListSource, ErasureListTrouble
from lifecycle.engine.run import STEP_ORDER, execute_run
from lifecycle.enums import RUN_COUNT_LABELS, HoldReason, RunOutcome, Step
from lifecycle.models import Hold
from lifecycle.rules import config, wording
from lifecycle.shell.printing import ProgressBar
from lifecycle.shell.read_commands import print_plan
from lifecycle.shell.screen import (
    DONE,
    NOTHING_WRITTEN,
    PARTIAL,
    REFUSED,
    STOPPED,
    WRONG,
    CommandScreen,
    build_command_actor,
)
from mgestion.journal.models import Entry
from mgestion.text.dates import french_moment
from mgestion.text.french import format_count

_CODES = {
    RunOutcome.STOPPED: STOPPED,
    RunOutcome.SWITCHED_OFF: STOPPED,
    RunOutcome.PARTIAL: PARTIAL,
}


_LIST_MISSES: Final = {
    ErasureListTrouble.MISSING: "Ce fichier n’existe pas\u00a0: personne ne sait qui effacer à "
    "nouveau.",
    ErasureListTrouble.EMPTY: "Ce fichier ne contient aucun effacement\u00a0: personne ne sait qui "
    "effacer à nouveau.",
    ErasureListTrouble.OLDER: "Ce fichier est plus ancien que le registre restauré, qui connaît un "
    "effacement plus récent\u00a0: il en manque.",
}


def handle_run(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    steps = [Step(step) for step in options["step"] or STEP_ORDER]
    if not options["apply"]:
        print_plan(screen, screen.now, options, steps)
        screen.say(NOTHING_WRITTEN)
        return DONE
    with ProgressBar(screen.err) as progress:
        done = execute_run(
            screen.now,
            trigger="command",
            steps=steps,
            any_hour=options["any_hour"],
            over_breaker=options["over_breaker"],
            progress=progress.advance,
            expect=progress.expect if progress.visible else None,
        )
    if done is None:
        screen.show({"run": None, "outcome": "nothing_due", "counts": {}}, ["Rien à faire."])
        return DONE
    lines = [f"Exécution {done.pk}\u00a0: {done.get_outcome_display()}. {done.text}".strip()]
    lines += [
        f"  {RUN_COUNT_LABELS.get(name, name)}\u00a0: {number}"
        for name, number in done.counts.items()
    ]
    lines += [
        f"  échec\u00a0: {wording.describe_failure(failure)} ({failure['error']})"
        for failure in done.failures
    ]
    screen.show(
        {
            "run": str(done.pk),
            "outcome": str(done.outcome),
            "counts": done.counts,
            "failures": done.failures,
            "text": done.text,
        },
        lines,
    )
    return _CODES.get(RunOutcome(done.outcome), DONE)


def handle_extend(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    days, reason = options["days"], options["reason"][:60]
    if not 1 <= days <= holds.MAX_EXTENSION_DAYS:
        raise CommandError(f"--days\u00a0: de 1 à {holds.MAX_EXTENSION_DAYS}.", returncode=WRONG)
    before = (
        Entry.objects.filter(act=LifecycleAct.LIFECYCLE_EXTENDED, reason=reason)
        .order_by("-at")
        .first()
    )
    if before is not None and not options["again"]:
        raise CommandError(
            f"Des jours ont déjà été rendus pour «\u00a0{reason}\u00a0», le "
            f"{french_moment(before.at)} ({format_count(int(before.object_id), 'jour')}). Pour en "
            "rendre de nouveau, ajoutez --again.",
            returncode=REFUSED,
        )
    said: dict[str, Any] = {"act": "extend", "days": days, "reason": reason}
    if not options["apply"]:
        number = deadlines.select_running_deadlines().count()
        line = f"{format_count(number, 'échéance')} à reporter de {format_count(days, 'jour')}."
        screen.show({**said, "applied": False, "deadlines": number}, [line])
        screen.say(NOTHING_WRITTEN)
        return DONE
    with ProgressBar(screen.err) as progress:
        number = holds.extend_deadlines(
            days,
            reason=reason,
            actor=build_command_actor(options),
            now=screen.now,
            expect=progress.expect,
            progress=progress.advance,
        )
    line = f"{format_count(number, 'échéance', 'reportée')} de {format_count(days, 'jour')}."
    screen.show({**said, "applied": True, "deadlines": number}, [line])
    return DONE


def handle_hold(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    user = _find_held_account(options)
    said = {"act": "hold", "reason": options["reason"], **_build_scope_data(user)}
    if not options["apply"]:
        return _preview_hold(screen, user, said, held=True)
    kill_switch.follow_switch(screen.now)  # releases the hold of the switch first, if it is on
    holds.place_hold(
        user, reason=options["reason"], actor=build_command_actor(options), now=screen.now
    )
    screen.show({**said, "applied": True}, ["Procédure retenue."])
    return DONE


def handle_release(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    user = _find_held_account(options)
    said = {"act": "release", **_build_scope_data(user)}
    if user is None and not config.is_enabled() and kill_switch.find_switch_hold() is not None:
        raise CommandError(
            "C’est LIFECYCLE_ENABLED=0 qui retient toutes les procédures\u00a0: remettez "
            "cette variable.",
            returncode=REFUSED,
        )
    if not options["apply"]:
        return _preview_hold(screen, user, said, held=False)
    holds.release_hold(user, actor=build_command_actor(options), now=screen.now)
    screen.show({**said, "applied": True}, ["Procédure reprise."])
    return DONE


def _preview_hold(
    screen: CommandScreen, user: User | None, said: dict[str, Any], *, held: bool
) -> int:
    """What hold and release would do; refused as the act would be."""
    rows = Hold.objects.active().filter(user=user, everything=user is None)
    if config.is_enabled():  # the hold of the switch is released by the act or the next sweep
        rows = rows.exclude(reason=HoldReason.SWITCHED_OFF)
    placed = rows.first()
    if held and placed is not None:
        raise CommandError("La procédure est déjà retenue.", returncode=REFUSED)
    if not held and placed is None:
        raise CommandError("Aucune retenue n’est en cours.", returncode=REFUSED)
    cases = deadlines.select_running_deadlines()
    number = (cases.filter(user=user) if user is not None else cases).count()
    words = "à arrêter" if held else "à faire courir de nouveau, les jours retenus rendus"
    lines = [f"{format_count(number, 'échéance')} {words}."]
    if placed is not None:
        why = HoldReason(placed.reason).label
        lines.append(f"Retenue depuis le {french_moment(placed.placed_at)} ({why}).")
    screen.show({**said, "applied": False, "deadlines": number}, lines)
    screen.say(NOTHING_WRITTEN)
    return DONE


def handle_reconcile(screen: CommandScreen, options: Mapping[str, Any]) -> int:
    source = reconciliation.inspect_erasure_list()
    said: dict[str, Any] = {
        "act": "reconcile",
        "list": source.path,
        "lines": source.extent.lines,
        "newest": source.extent.newest,
        "ledger_newest": source.ledger_newest,
        "trouble": source.trouble.value if source.trouble else None,
    }
    lines = [_describe_source(source)]
    if source.trouble is not None and not options["accept_list"]:
        screen.show({**said, "applied": False}, lines)
        screen.say(
            f"{_LIST_MISSES[source.trouble]} Retrouvez le bon fichier (ERASURE_LIST)\u202f; si "
            "celui-ci est le bon, ajoutez --accept-list."
        )
        return REFUSED
    if not options["apply"]:
        number, refused = len(reconciliation.find_returned_accounts()), []
        doubtful = reconciliation.find_doubtful_accounts()
        lines.append(f"{format_count(number, 'compte')} à effacer à nouveau.")
        said |= {"applied": False, "to_erase": number}
    else:
        with ProgressBar(screen.err) as progress:
            done = reconciliation.reconcile_erasures(
                actor=build_command_actor(options),
                now=screen.now,
                expect=progress.expect,
                progress=progress.advance,
            )
        doubtful, refused = done.doubtful, done.refused
        lines.append(f"{format_count(done.erased, 'compte', 'effacé')} à nouveau.")
        said |= {"applied": True, "erased": done.erased}
    lines += [
        f"  refusé\u00a0: {one} (dernier administrateur national\u00a0: nommez-en un autre, puis "
        "recommencez)"
        for one in refused
    ]
    lines += [f"  à vérifier\u00a0: {one} (effacement interrompu)" for one in doubtful]
    screen.show({**said, "refused": refused, "doubtful": doubtful}, lines)
    if not options["apply"]:
        screen.say(NOTHING_WRITTEN)
    return PARTIAL if doubtful or refused else DONE


def _describe_source(source: ErasureListSource) -> str:
    """Which list of erasures was read, and the date of its newest line."""
    newest = source.extent.newest
    until = f", la plus récente du {french_moment(newest)}" if newest else ""
    lines = format_count(source.extent.lines, "ligne")
    return f"Liste des effacements {source.path}\u00a0: {lines}{until}."


def _find_held_account(options: Mapping[str, Any]) -> User | None:
    if options["all"]:
        return None
    user, _ = account_stories.find_account(options["who"])
    if user is None:
        raise CommandError("Aucun compte à cette adresse.", returncode=REFUSED)
    return user


def _build_scope_data(user: User | None) -> dict[str, Any]:
    return {
        "scope": "account" if user else "all",
        "account": str(user.public_id) if user else None,
    }
