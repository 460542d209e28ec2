"""A staff page's title is a name, and not Django's half-French sentence."""

import pytest
from django.test import Client

from tests.factories.habilitations import make_staff

pytestmark = pytest.mark.django_db


@pytest.mark.req("S42")
@pytest.mark.parametrize(
    ("table", "title"),
    [
        ("outbox/mail", "E-mails"),
        ("journal/entry", "Journal"),
        ("legal/termsacceptance", "Acceptations"),
        ("habilitations/department", "Départements"),
    ],
)
def test_a_list_is_called_by_its_name(
    reference: None, client: Client, settings: object, table: str, title: str
) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    client.force_login(make_staff("national"))
    page = client.get(f"/admin/{table}/").content.decode()
    assert f"<h1>{title}" in page or f'<h1 id="content-title">{title}' in page
    assert "Sélectionnez l’objet" not in page
