from collections.abc import Iterator

import pytest
from django.core.cache import cache

from accounts.people.models import User
from tests.factories.habilitations import make_user
from tests.personal_data.rich import Rich, live


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    """allauth counts by IP in the cache of the process."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def superuser(reference: None) -> User:
    return make_user(is_superuser=True, is_staff=True)


@pytest.fixture
def rich(superuser: User) -> Rich:
    return live(superuser)
