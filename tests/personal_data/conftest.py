import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from accounts.people.models import User
from tests.factories.habilitations import load_reference, make_user
from tests.factories.kept_rows import KeptRows
from tests.personal_data.rich import Rich, live

_life: list[Rich] = []


def _live() -> None:
    load_reference()
    _life.append(live(make_user(is_superuser=True, is_staff=True)))


_rows = KeptRows(
    _live,
    *(
        model
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy and model not in (ContentType, Permission)
    ),
)


@pytest.fixture
def rich(db: None) -> Rich:
    """A whole life, lived once a process: the next tests find its rows."""
    _rows.put()
    (life,) = _life
    user, agent, administrator = (
        User.objects.get(pk=one.pk) for one in (life.user, life.agent, life.administrator)
    )
    return Rich(user, agent, administrator, life.end)
