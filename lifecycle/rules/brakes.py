"""What stops a step for every account at a moment: kill switch, office hours, silent platforms.
Plan, « explain », simulation and run all ask here.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from lifecycle.enums import Step, StepReason
from lifecycle.rules import config
from lifecycle.rules.silent_platforms import SilentPlatforms, find_silent_platforms

IDLE_ONLY: Final = frozenset({Step.NOTICE, Step.DEACTIVATE})  # steps that only inactivity causes
WAITING_FOR_FACTS: Final = IDLE_ONLY | {Step.DELETE}
MAILING: Final = frozenset({Step.NOTICE, Step.DEACTIVATE, Step.REMIND})  # in office hours only


@dataclass(frozen=True, slots=True)
class Brakes:
    """`off`: the kill switch of the environment. `closed`: outside office hours. `silence`: the
    platforms that no longer push their activity: steps of inactivity wait for them, closures and
    deactivations by an administrator do not.
    """

    off: bool = False
    closed: bool = False
    silence: SilentPlatforms = field(default_factory=SilentPlatforms)

    def find_reason_to_wait(
        self, step: Step, *, idle: bool = False, unheard: bool = False
    ) -> StepReason | None:
        """Why a run would not do `step`; None when it would. `idle`: the account leaves for
        inactivity, which matters to a deletion only. `unheard`: the account is judged by a silent
        platform that is not listed.
        """
        if self.off:
            return StepReason.SWITCHED_OFF
        silent = self.silence.listed or unheard
        if silent and (step in IDLE_ONLY or (idle and step == Step.DELETE)):
            return StepReason.SILENT_PLATFORM
        if self.closed and step in MAILING:
            return StepReason.OFFICE_HOURS
        return None

    def find_stopped_steps(self, *, idle: bool, unheard: bool = False) -> frozenset[Step]:
        """The steps stopped for another reason than the hour, which passes by itself."""
        hours = replace(self, closed=False)
        return frozenset(
            step
            for step in Step
            if hours.find_reason_to_wait(step, idle=idle, unheard=unheard) is not None
        )


def find_hour_brakes(moment: datetime, *, any_hour: bool = False) -> Brakes:
    """The brakes that need no query: silent platforms are left out. `moment` is aware; `any_hour`
    ignores office hours.
    """
    closed = not (any_hour or config.is_office_hour(moment))
    return Brakes(off=not config.is_enabled(), closed=closed)


def find_brakes(moment: datetime, now: datetime, *, any_hour: bool = False) -> Brakes:
    """The brakes of a run at `moment`, with the platforms silent at `now`. Both are aware."""
    return replace(find_hour_brakes(moment, any_hour=any_hour), silence=find_silent_platforms(now))
