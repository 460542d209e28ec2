"""What many cases in one world rest on."""

import pytest
from django.db import IntegrityError

from accounts.habilitations.reference.models import Department
from tests.rolled_back import rolled_back


@pytest.mark.both
@pytest.mark.usefixtures("reference")
def test_a_case_is_undone_and_one_that_leaves_a_key_to_nothing_fails() -> None:
    rows = Department.objects.filter(code="75")
    with rolled_back():
        rows.update(delegation=None)
    assert rows.get().delegation is not None
    with pytest.raises(IntegrityError), rolled_back():
        rows.update(delegation_id=1_000_000)
    assert rows.get().delegation_id != 1_000_000
    with pytest.raises(ZeroDivisionError), rolled_back():
        rows.update(delegation_id=None)
        raise ZeroDivisionError
    assert rows.get().delegation is not None
