"""The registry of what rooms hand to each other."""

from mgestion import slots


def test_every_entry_that_is_named_can_be_imported() -> None:
    """mypy checks those that are given; a name is only read when somebody asks for it."""
    every = [slot for slot in vars(slots).values() if isinstance(slot, slots.Slot)]
    assert all(slot.values() for slot in every)
