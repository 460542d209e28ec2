"""The lifecycle from a shell: what it will do, before it does it."""

import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from lifecycle import brakes, config, explaining, planning, querysets, reconciling, wording
from lifecycle.brakes import Brakes
from lifecycle.enums import COUNTED, PORTAL_REASONS, HoldReason, RunOutcome, Step
from lifecycle.flows import deadlines, holds
from lifecycle.flows.run import ORDER, run
from lifecycle.masking import mask_address, mask_name
from lifecycle.printing import Progress, Table
from mgestion.dates import PARIS, french_moment, paris_date
from mgestion.errors import Refused
from mgestion.french import counted
from mgestion.journal.actors import Actor

# Exit codes, for scripts. 2 is argparse's own (a wrong option).
DONE, REFUSED, STOPPED, PARTIAL = 0, 1, 3, 4
_CODES = {
    RunOutcome.STOPPED: STOPPED,
    RunOutcome.SWITCHED_OFF: STOPPED,
    RunOutcome.PARTIAL: PARTIAL,
}
_FORMATS = ("table", "json", "csv")


def _day(text: str) -> date:
    return date.fromisoformat(text)


class Command(BaseCommand):
    # They read every address and page of the portal, as long as the command itself takes; `check`
    # has them at each deployment.
    requires_system_checks = ()
    help = (
        "Plan (default) or run the rules on inactive and deactivated accounts. Nothing is written "
        "without --apply. Exit codes: 0 done, 1 refused, 2 wrong option, 3 stopped by the breaker "
        "or the kill switch, 4 some accounts failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act")
        plan = acts.add_parser("plan", help="who, which step, why, when next; writes nothing")
        plan.add_argument("--at", type=_day, help="as on that day (YYYY-MM-DD, at noon in Paris)")
        _output(plan)
        sweep = acts.add_parser("run", help="do it (with --apply)")
        sweep.add_argument("--apply", action="store_true", help="without it: the plan only")
        sweep.add_argument("--step", action="append", choices=Step.values, help="only this step")
        sweep.add_argument("--any-hour", action="store_true", help="mails outside office hours too")
        sweep.add_argument("--over-breaker", action="store_true", help="whatever the number due")
        _output(sweep)
        simulate = acts.add_parser("simulate", help="what would happen day by day, if nobody moves")
        simulate.add_argument("--from", dest="start", type=_day, help="default: today")
        simulate.add_argument("--to", dest="end", type=_day, required=True)
        simulate.add_argument("--format", choices=_FORMATS, default="table")
        explain = acts.add_parser("explain", help="the whole story of one account")
        explain.add_argument("who", help="e-mail address, public id or ledger reference")
        explain.add_argument("--unmask", action="store_true", help="show the name and the address")
        extend = acts.add_parser("extend", help="give back days after an outage of the portal")
        extend.add_argument("--days", type=int, required=True)
        extend.add_argument("--reason", required=True, help="a code or a ticket number, no name")
        extend.add_argument("--apply", action="store_true")
        for name, text in (("hold", "no step touches it"), ("release", "the procedure goes on")):
            keep = acts.add_parser(name, help=text)
            whose = keep.add_mutually_exclusive_group(required=True)
            whose.add_argument("who", nargs="?", help="e-mail address or public id")
            whose.add_argument("--all", action="store_true", help="every account: the kill switch")
            if name == "hold":
                # The portal's own reason is lifted by the portal: nobody types it.
                reasons = [one for one in HoldReason.values if one not in PORTAL_REASONS]
                keep.add_argument("--reason", choices=reasons, default=HoldReason.STAFF)
        replay = acts.add_parser("reconcile", help="after a restored backup: erase again")
        replay.add_argument("--apply", action="store_true")
        replay.add_argument(
            "--accept-list",
            action="store_true",
            help="go on with a list that is missing, empty or older than the ledger",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        act: Callable[[datetime, dict[str, Any]], int] = {
            None: self._plan,
            "plan": self._plan,
            "run": self._run,
            "simulate": self._simulate,
            "explain": self._explain,
            "extend": self._extend,
            "hold": self._hold,
            "release": self._release,
            "reconcile": self._reconcile,
        }[options["act"]]
        try:
            code = act(now, options)
        except Refused as refusal:
            raise CommandError(refusal.message, returncode=REFUSED) from refusal
        if code:
            sys.exit(code)

    # --- looking -----------------------------------------------------------------------------

    def _plan(self, now: datetime, options: dict[str, Any]) -> int:
        day = options.get("at")
        at = datetime.combine(day, time(12), tzinfo=PARIS) if day else now
        self._show_plan(at, now, options, [*Step.values])
        return DONE

    def _show_plan(
        self, at: datetime, now: datetime, options: dict[str, Any], steps: list[str]
    ) -> None:
        unmask = options.get("unmask", False)
        table = Table(
            ("compte", "adresse", "nom", "étape", "motif", "depuis", "fait", "ensuite", "le"),
            options.get("format") or "table",
            self.stdout,
        )
        due: dict[Step, int] = {}
        found: dict[Step, int] = {}  # of `due`, what the rules found by themselves
        kept = 0
        known = brakes.at(at, now, any_hour=options.get("any_hour", False))
        progress = Progress(self.stderr)
        if progress.visible:  # counting costs a statement for each step
            progress.expect(planning.size(at))
        for line in planning.lines(at, progress.advance, known=known):
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
                str(line.public_id),
                line.email if unmask else mask_address(line.email),
                f"{line.first_name} {line.last_name}".strip()
                if unmask
                else mask_name(line.first_name, line.last_name),
                line.step.label,
                line.why.label,
                line.from_day.isoformat(),
                "oui" if line.due else "non",
                line.then_step.label if line.then_step else "",
                line.then.isoformat() if line.then else "",
            )
        progress.hide()
        table.end()
        said = (
            ", ".join(f"{step.label}\u00a0: {number}" for step, number in due.items())
            or "rien à faire"
        )
        self.stderr.write(
            f"Au {french_moment(at)}\u00a0: {said}\u202f; comptes retenus\u00a0: {kept}."
        )
        self._say_what_keeps(known)
        self._say_what_bounds(due, found, over_breaker=options.get("over_breaker", False))

    def _say_what_keeps(self, known: Brakes) -> None:
        if known.off:
            self.stderr.write("Le cycle de vie est coupé (LIFECYCLE_ENABLED=0).")
        if querysets.all_held():
            self.stderr.write("Toutes les procédures sont retenues.")
        if known.silent:
            self.stderr.write(f"Plateforme qui ne transmet plus, {wording.silent(known.silent)}.")

    def _say_what_bounds(
        self, due: dict[Step, int], found: dict[Step, int], *, over_breaker: bool
    ) -> None:
        """What a run would leave of the lines « fait : oui »."""
        if not over_breaker and max(found.values(), default=0) > config.breaker_floor():
            limit = config.breaker(User.objects.count())
            for step in (step for step, number in found.items() if number > limit):
                self.stderr.write(
                    f"Le disjoncteur arrêterait l’étape «\u00a0{step.label}\u00a0»\u00a0: plus de "
                    f"{counted(limit, 'compte')}. Il faudrait --over-breaker."
                )
        if any(number > config.cap() for number in due.values()):
            most = counted(config.cap(), "compte")
            self.stderr.write(f"Par exécution et par étape, {most} au plus.")

    def _simulate(self, now: datetime, options: dict[str, Any]) -> int:
        start, end = options["start"] or paris_date(now), options["end"]
        if end < start or end - start > timedelta(days=3660):
            raise CommandError("--to\u00a0: du premier jour à dix ans après lui.", returncode=2)
        with Progress(self.stderr, unit="date") as progress:
            counts = planning.calendar(
                start, end, now, expect=progress.expect, progress=progress.advance
            )
        table = Table(("jour", *(step.label for step in Step)), options["format"], self.stdout)
        for day in sorted({day for day, _ in counts}):
            table.row(day.isoformat(), *(counts[day, step] for step in Step))
        table.end()
        totals = {step: sum(n for (_, s), n in counts.items() if s == step) for step in Step}
        said = ", ".join(
            f"{step.label}\u00a0: {number}" for step, number in totals.items() if number
        )
        self.stderr.write(
            f"Du {start} au {end}, si personne ne se connecte\u00a0: {said or 'rien'}."
        )
        self._say_what_keeps(brakes.at(now, now))
        return DONE

    def _explain(self, now: datetime, options: dict[str, Any]) -> int:
        user, reference = explaining.find(options["who"])
        if user is None and not reference:
            raise CommandError("Aucun compte, et rien au registre.", returncode=REFUSED)
        story = explaining.of_account(user, now) if user else explaining.of_reference(reference)
        out = self.stdout
        out.write(f"Référence du registre\u00a0: {story.reference}")
        if user is not None:
            name = (
                user.full_name if options["unmask"] else mask_name(user.first_name, user.last_name)
            )
            address = user.email if options["unmask"] else mask_address(user.email)
            out.write(f"Compte\u00a0: {user.public_id} {address} {name}".rstrip())
        for label, value in story.facts:
            out.write(f"  {label}\u00a0: {value}")
        out.write(story.sentence)
        for day, step in story.then:
            out.write(f"  {day.isoformat()} {step.label}, si personne n’agit")
        for hold in story.holds:
            state = (
                f"levée le {french_moment(hold.released_at)}" if hold.released_at else "en cours"
            )
            out.write(f"Retenue ({hold.get_reason_display()})\u00a0: {state}")
        for line in story.lines:
            last = f", dernier jour {line.last_day.isoformat()}" if line.last_day else ""
            why = f" ({wording.reason(line.reason)})" if line.reason else ""
            out.write(f"  {line.at:%Y-%m-%d %H:%M} UTC {line.get_line_display()}{why}{last}")
        return DONE

    # --- acting ------------------------------------------------------------------------------

    def _run(self, now: datetime, options: dict[str, Any]) -> int:
        steps = [Step(step) for step in options["step"] or ORDER]
        if not options["apply"]:
            self._show_plan(now, now, options, [*steps])
            self.stderr.write("Rien n’a été écrit\u00a0: ajoutez --apply.")
            return DONE
        with Progress(self.stderr) as progress:
            done = run(
                now,
                trigger="command",
                steps=steps,
                any_hour=options["any_hour"],
                over_breaker=options["over_breaker"],
                progress=progress.advance,
                expect=progress.expect if progress.visible else None,
            )
        if done is None:
            self.stdout.write("Rien à faire.")
            return DONE
        self.stdout.write(
            f"Exécution {done.pk}\u00a0: {done.get_outcome_display()}. {done.text}".strip()
        )
        for name, number in done.counts.items():
            self.stdout.write(f"  {COUNTED.get(name, name)}\u00a0: {number}")
        for failure in done.failures:
            self.stdout.write(f"  échec\u00a0: {wording.failure(failure)} ({failure['error']})")
        return _CODES.get(RunOutcome(done.outcome), DONE)

    def _extend(self, now: datetime, options: dict[str, Any]) -> int:
        if not 1 <= options["days"] <= holds.MOST_DAYS:
            raise CommandError(f"--days\u00a0: de 1 à {holds.MOST_DAYS}.", returncode=2)
        if not options["apply"]:
            number = deadlines.running().count()
            self.stdout.write(
                f"{counted(number, 'échéance')} à reporter de "
                f"{counted(options['days'], 'jour')}\u00a0: rien n’a été écrit, ajoutez --apply."
            )
            return DONE
        with Progress(self.stderr) as progress:
            number = holds.extend(
                options["days"],
                reason=options["reason"],
                actor=_ACTOR,
                now=now,
                expect=progress.expect,
                progress=progress.advance,
            )
        self.stdout.write(
            f"{counted(number, 'échéance', 'reportée')} de {counted(options['days'], 'jour')}."
        )
        return DONE

    def _hold(self, now: datetime, options: dict[str, Any]) -> int:
        holds.hold(self._whose(options), reason=options["reason"], actor=_ACTOR, now=now)
        self.stdout.write("Procédure retenue.")
        return DONE

    def _release(self, now: datetime, options: dict[str, Any]) -> int:
        holds.release(self._whose(options), actor=_ACTOR, now=now)
        self.stdout.write("Procédure reprise.")
        return DONE

    def _reconcile(self, now: datetime, options: dict[str, Any]) -> int:
        source = reconciling.source()
        self.stdout.write(wording.source(source))
        if source.trouble is not None and not options["accept_list"]:
            self.stderr.write(wording.TROUBLES[source.trouble])
            return REFUSED
        if options["apply"]:
            with Progress(self.stderr) as progress:
                done = reconciling.reconcile(
                    actor=_ACTOR, now=now, expect=progress.expect, progress=progress.advance
                )
            self.stdout.write(f"{counted(done.erased, 'compte', 'effacé')} à nouveau.")
            doubtful, refused = done.doubtful, done.refused
        else:
            number = len(reconciling.returned())
            self.stdout.write(
                f"{counted(number, 'compte')} à effacer à nouveau\u00a0: ajoutez --apply."
            )
            doubtful, refused = reconciling.doubtful(), []
        for one in refused:
            self.stdout.write(
                f"  refusé\u00a0: {one} (dernier administrateur national\u00a0: "
                "nommez-en un autre, puis recommencez)"
            )
        for one in doubtful:
            self.stdout.write(f"  à vérifier\u00a0: {one} (effacement interrompu)")
        return PARTIAL if doubtful or refused else DONE

    def _whose(self, options: dict[str, Any]) -> User | None:
        if options["all"]:
            return None
        user, _ = explaining.find(options["who"])
        if user is None:
            raise CommandError("Aucun compte à cette adresse.", returncode=REFUSED)
        return user


_ACTOR = Actor.system("command")


def _output(parser: CommandParser) -> None:
    parser.add_argument("--format", choices=_FORMATS, default="table")
    parser.add_argument("--unmask", action="store_true", help="show names and addresses")
