"""The registry of what rooms hand to each other."""

from mgestion import slots

FILLED_LATER = {"journal_listeners"}  # by web processes, which count acts; not by `ready()`


def test_every_entry_that_is_named_can_be_imported_and_every_slot_is_filled() -> None:
    """mypy checks those that are given; a name is only read when somebody asks for it."""
    every = [slot for slot in vars(slots).values() if isinstance(slot, slots.Slot)]
    empty = {slot.name for slot in every if not slot.values()}
    assert empty - FILLED_LATER == set()
