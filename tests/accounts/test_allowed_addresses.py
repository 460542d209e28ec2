"""The allow-list that staff edit (D13)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from accounts.people.models import AllowedAddress

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 9, tzinfo=UTC)


@pytest.mark.req("D13", "D15")
def test_the_same_address_in_capitals_is_refused_with_a_message() -> None:
    AllowedAddress.objects.create(pattern="contact@essai.example.org", reason="seule", added_at=NOW)
    again = AllowedAddress(pattern=" Contact@Essai.example.org", reason="bis", added_at=NOW)
    with pytest.raises(ValidationError) as refused:
        again.full_clean()
    assert "pattern" in refused.value.message_dict
