"""What keeps a step from everybody at a moment, whatever the account: asked by the plan, by
« explain », by the simulation and by the run itself, so that they cannot disagree.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lifecycle import config, silence
from lifecycle.enums import Step, Why

IDLE_ONLY: Final = frozenset({Step.NOTICE, Step.DEACTIVATE})  # steps of inactivity by nature
WAITING_FOR_FACTS: Final = IDLE_ONLY | {Step.DELETE}
MAILING: Final = frozenset({Step.NOTICE, Step.DEACTIVATE, Step.REMIND})  # in office hours only


@dataclass(frozen=True, slots=True)
class Brakes:
    """`off`: the kill switch of the environment. `closed`: no mail leaves at this hour. `silent`:
    names of the platforms that have stopped telling their activity: every step of inactivity waits
    for them, closures and deactivations by an administrator do not (D53, D72).
    """

    off: bool = False
    closed: bool = False
    silent: tuple[str, ...] = ()

    def keeping(self, step: Step, *, idle: bool = False) -> Why | None:
        """Why a run would not do `step` for anybody; None when it would. `idle`: the account leaves
        for inactivity, which matters to a deletion only.
        """
        if self.off:
            return Why.SWITCHED_OFF
        if self.silent and (step in IDLE_ONLY or (idle and step == Step.DELETE)):
            return Why.SILENT_PLATFORM
        if self.closed and step in MAILING:
            return Why.OFFICE_HOURS
        return None

    def stopped(self, *, idle: bool) -> frozenset[Step]:
        """The steps that do not come back by themselves, as an hour does."""
        hours = replace(self, closed=False)
        return frozenset(step for step in Step if hours.keeping(step, idle=idle) is not None)


def of_the_hour(moment: datetime, *, any_hour: bool = False) -> Brakes:
    """Without a statement: what the platforms told is not asked. `moment` is aware; `any_hour`:
    mails leave at this one too.
    """
    closed = not (any_hour or config.in_office_hours(moment))
    return Brakes(off=not config.enabled(), closed=closed)


def at(moment: datetime, now: datetime, *, any_hour: bool = False) -> Brakes:
    """Those of a run at `moment`, as far as `now` knows: of a later day nobody can say yet which
    platforms will be silent. Both are aware.
    """
    silent = tuple(silence.silent_platforms(now))
    return replace(of_the_hour(moment, any_hour=any_hour), silent=silent)
