"""People and versions of these tests."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.legal.models import TermsVersion
from accounts.people.addresses import fold_address
from accounts.people.enums import Status
from accounts.people.models import User, get_creation_dates

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def draft(slug: str, **fields: Any) -> TermsVersion:
    """A version that nobody published yet."""
    body = f'<h2 id="article-1">Article 1</h2><p>Texte de {slug}.</p>'
    values = {"label": f"Version {slug}", "body": body, **fields}
    return TermsVersion.objects.create(slug=slug, **values)


@pytest.fixture
def person(db: None) -> User:
    address = "camille.exemple@garage.example.org"
    return User.objects.create(
        email=address,
        email_key=fold_address(address),
        status=Status.ACTIVE,
        **get_creation_dates(NOW),
    )
