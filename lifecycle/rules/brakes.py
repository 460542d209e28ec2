"""What keeps a step from everybody at a moment, whatever the account: asked by the plan, by
« explain », by the simulation and by the run itself, so that they cannot disagree.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from lifecycle.enums import Step, Why
from lifecycle.rules import config
from lifecycle.rules.silent_platforms import Silence, find_silence

IDLE_ONLY: Final = frozenset({Step.NOTICE, Step.DEACTIVATE})  # steps of inactivity by nature
WAITING_FOR_FACTS: Final = IDLE_ONLY | {Step.DELETE}
MAILING: Final = frozenset({Step.NOTICE, Step.DEACTIVATE, Step.REMIND})  # in office hours only


@dataclass(frozen=True, slots=True)
class Brakes:
    """`off`: the kill switch of the environment. `closed`: no mail leaves at this hour. `silence`:
    the platforms that have stopped telling their activity: steps of inactivity wait for them,
    closures and deactivations by an administrator do not (D53, D72).
    """

    off: bool = False
    closed: bool = False
    silence: Silence = field(default_factory=Silence)

    def keeping(self, step: Step, *, idle: bool = False, unheard: bool = False) -> Why | None:
        """Why a run would not do `step`; None when it would. `idle`: the account leaves for
        inactivity, which matters to a deletion only. `unheard`: it is judged by a silent platform
        that does not count for everybody (D65).
        """
        if self.off:
            return Why.SWITCHED_OFF
        silent = self.silence.listed or unheard
        if silent and (step in IDLE_ONLY or (idle and step == Step.DELETE)):
            return Why.SILENT_PLATFORM
        if self.closed and step in MAILING:
            return Why.OFFICE_HOURS
        return None

    def stopped(self, *, idle: bool, unheard: bool = False) -> frozenset[Step]:
        """The steps that do not come back by themselves, as an hour does."""
        hours = replace(self, closed=False)
        return frozenset(
            step for step in Step if hours.keeping(step, idle=idle, unheard=unheard) is not None
        )


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
    return replace(of_the_hour(moment, any_hour=any_hour), silence=find_silence(now))
