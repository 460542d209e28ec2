"""The verbs that write, with --apply only: run, extend, hold, release, reconcile."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from accounts.people.models import User
from lifecycle.acts import LifecycleAct
from lifecycle.engine import deadlines, explaining, holds, kill_switch, reconciling
from lifecycle.engine.run import ORDER, run
from lifecycle.enums import COUNTED, HoldReason, RunOutcome, Step
from lifecycle.models import Hold
from lifecycle.rules import config, wording
from lifecycle.shell.looking import show_plan
from lifecycle.shell.printing import Progress
from lifecycle.shell.screen import (
    DONE,
    NOTHING_WRITTEN,
    PARTIAL,
    REFUSED,
    STOPPED,
    WRONG,
    Screen,
    actor,
)
from mgestion.journal.models import Entry
from mgestion.text.dates import french_moment
from mgestion.text.french import counted

_CODES = {
    RunOutcome.STOPPED: STOPPED,
    RunOutcome.SWITCHED_OFF: STOPPED,
    RunOutcome.PARTIAL: PARTIAL,
}


def run_steps(screen: Screen, options: Mapping[str, Any]) -> int:
    steps = [Step(step) for step in options["step"] or ORDER]
    if not options["apply"]:
        show_plan(screen, screen.now, options, steps)
        screen.say(NOTHING_WRITTEN)
        return DONE
    with Progress(screen.err) as progress:
        done = run(
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
        f"  {COUNTED.get(name, name)}\u00a0: {number}" for name, number in done.counts.items()
    ]
    lines += [
        f"  échec\u00a0: {wording.failure(failure)} ({failure['error']})"
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


def extend(screen: Screen, options: Mapping[str, Any]) -> int:
    days, reason = options["days"], options["reason"][:60]
    if not 1 <= days <= holds.MOST_DAYS:
        raise CommandError(f"--days\u00a0: de 1 à {holds.MOST_DAYS}.", returncode=WRONG)
    before = (
        Entry.objects.filter(act=LifecycleAct.LIFECYCLE_EXTENDED, reason=reason)
        .order_by("-at")
        .first()
    )
    if before is not None and not options["again"]:
        raise CommandError(
            f"Des jours ont déjà été rendus pour «\u00a0{reason}\u00a0», le "
            f"{french_moment(before.at)} ({counted(int(before.object_id), 'jour')}). Pour en "
            "rendre de nouveau, ajoutez --again.",
            returncode=REFUSED,
        )
    said: dict[str, Any] = {"act": "extend", "days": days, "reason": reason}
    if not options["apply"]:
        number = deadlines.running().count()
        line = f"{counted(number, 'échéance')} à reporter de {counted(days, 'jour')}."
        screen.show({**said, "applied": False, "deadlines": number}, [line])
        screen.say(NOTHING_WRITTEN)
        return DONE
    with Progress(screen.err) as progress:
        number = holds.extend(
            days,
            reason=reason,
            actor=actor(options),
            now=screen.now,
            expect=progress.expect,
            progress=progress.advance,
        )
    line = f"{counted(number, 'échéance', 'reportée')} de {counted(days, 'jour')}."
    screen.show({**said, "applied": True, "deadlines": number}, [line])
    return DONE


def hold(screen: Screen, options: Mapping[str, Any]) -> int:
    user = _whose(options)
    said = {"act": "hold", "reason": options["reason"], **_scope(user)}
    if not options["apply"]:
        return _preview(screen, user, said, held=True)
    kill_switch.follow_switch(screen.now)  # its hold ends before another one stands for it
    holds.hold(user, reason=options["reason"], actor=actor(options), now=screen.now)
    screen.show({**said, "applied": True}, ["Procédure retenue."])
    return DONE


def release(screen: Screen, options: Mapping[str, Any]) -> int:
    user = _whose(options)
    said = {"act": "release", **_scope(user)}
    if user is None and not config.enabled() and kill_switch.placed() is not None:
        raise CommandError(
            "C’est LIFECYCLE_ENABLED=0 qui retient toutes les procédures\u00a0: remettez "
            "cette variable.",
            returncode=REFUSED,
        )
    if not options["apply"]:
        return _preview(screen, user, said, held=False)
    holds.release(user, actor=actor(options), now=screen.now)
    screen.show({**said, "applied": True}, ["Procédure reprise."])
    return DONE


def _preview(screen: Screen, user: User | None, said: dict[str, Any], *, held: bool) -> int:
    """What hold and release would do. Refused as the act would be."""
    rows = Hold.objects.active().filter(user=user, everything=user is None)
    if config.enabled():  # the next sweep, or the act itself, lifts that of the switch
        rows = rows.exclude(reason=HoldReason.SWITCHED_OFF)
    placed = rows.first()
    if held and placed is not None:
        raise CommandError("La procédure est déjà retenue.", returncode=REFUSED)
    if not held and placed is None:
        raise CommandError("Aucune retenue n’est en cours.", returncode=REFUSED)
    cases = deadlines.running()
    number = (cases.filter(user=user) if user is not None else cases).count()
    words = "à arrêter" if held else "à faire courir de nouveau, les jours retenus rendus"
    lines = [f"{counted(number, 'échéance')} {words}."]
    if placed is not None:
        why = HoldReason(placed.reason).label
        lines.append(f"Retenue depuis le {french_moment(placed.placed_at)} ({why}).")
    screen.show({**said, "applied": False, "deadlines": number}, lines)
    screen.say(NOTHING_WRITTEN)
    return DONE


def reconcile(screen: Screen, options: Mapping[str, Any]) -> int:
    source = reconciling.source()
    said: dict[str, Any] = {
        "act": "reconcile",
        "list": source.path,
        "lines": source.extent.lines,
        "newest": source.extent.newest,
        "ledger_newest": source.ledger_newest,
        "trouble": source.trouble.value if source.trouble else None,
    }
    lines = [wording.source(source)]
    if source.trouble is not None and not options["accept_list"]:
        screen.show({**said, "applied": False}, lines)
        screen.say(wording.TROUBLES[source.trouble])
        return REFUSED
    if not options["apply"]:
        number, refused = len(reconciling.returned()), []
        doubtful = reconciling.doubtful()
        lines.append(f"{counted(number, 'compte')} à effacer à nouveau.")
        said |= {"applied": False, "to_erase": number}
    else:
        with Progress(screen.err) as progress:
            done = reconciling.reconcile(
                actor=actor(options),
                now=screen.now,
                expect=progress.expect,
                progress=progress.advance,
            )
        doubtful, refused = done.doubtful, done.refused
        lines.append(f"{counted(done.erased, 'compte', 'effacé')} à nouveau.")
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


def _whose(options: Mapping[str, Any]) -> User | None:
    if options["all"]:
        return None
    user, _ = explaining.find(options["who"])
    if user is None:
        raise CommandError("Aucun compte à cette adresse.", returncode=REFUSED)
    return user


def _scope(user: User | None) -> dict[str, Any]:
    return {
        "scope": "account" if user else "all",
        "account": str(user.public_id) if user else None,
    }
