"""The kill switch LIFECYCLE_ENABLED, kept in step with a hold on all accounts.

The setting stops the steps at once. The first sweep after it is switched off places a hold, which
stops the deadlines too; the first sweep after it is switched on releases it: the days are given
back.
"""

from collections.abc import Callable
from datetime import datetime

from lifecycle.engine.brakes import holds
from lifecycle.enums import HoldReason
from lifecycle.models import Hold
from lifecycle.rules import config, querysets
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor

_ACTOR = Actor.system("lifecycle")


def find_switch_hold() -> Hold | None:
    """The hold of the switch, while it is off."""
    return Hold.objects.active().filter(everything=True, reason=HoldReason.SWITCHED_OFF).first()


def follow_switch(now: datetime) -> None:
    """Places or releases the hold of the switch, as the setting says. Places none while another
    hold on all accounts is open.
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
    """With two workers at once, the second finds the hold placed or released already."""
    try:
        act()
    except WrongState:
        return
