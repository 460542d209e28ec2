"""What the tests of the entry share: a portal with terms in force, and a reader of its outbox."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from accounts.legal.terms.flows import load_shipped_terms
from tests.factories.people import NOW


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    """allauth counts by IP in the cache of the process."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def terms(db: None) -> object:
    return load_shipped_terms(NOW)
