"""The kill switch of the environment does what a hold on everybody does (D72).

The setting stops the steps at once; the first sweep that meets it places a hold of its own, which
stops the deadlines too, and the first one after it lifts that hold: the days are given back.
"""

from collections.abc import Callable
from datetime import datetime

from lifecycle.engine import holds
from lifecycle.enums import HoldReason
from lifecycle.models import Hold
from lifecycle.rules import config, querysets
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor

_ACTOR = Actor.system("lifecycle")


def find_switch_hold() -> Hold | None:
    """The hold that stands for the switch, while it is off."""
    return Hold.objects.active().filter(everything=True, reason=HoldReason.SWITCHED_OFF).first()


def follow_switch(now: datetime) -> None:
    """Makes the hold of the switch what the setting says. Somebody's own hold on everybody does the
    same already: the switch places one only once that is lifted.
    """
    if not config.is_enabled():
        if not querysets.is_everything_held():
            _ignore_wrong_state(
                lambda: holds.place_hold(
                    None, reason=HoldReason.SWITCHED_OFF, actor=_ACTOR, now=now
                )
            )
    elif find_switch_hold() is not None:
        _ignore_wrong_state(lambda: holds.release_hold(None, actor=_ACTOR, now=now))


def _ignore_wrong_state(act: Callable[[], Hold]) -> None:
    """Of two workers one is told that it is done already."""
    try:
        act()
    except WrongState:
        return
