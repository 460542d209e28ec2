"""PostgreSQL cannot hold a NUL: no address and no cookie with one reaches a look-up."""

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.habilitations import make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/m-gestion/demande/?suite=%00",
        "/m-gestion/demande/MG-%00/",
        "/m-gestion/?etablissement=a%00b",
        "/cas/login?next=%00",
        "/cgu/%00/",
    ],
)
def test_an_address_with_a_nul_is_a_bad_request(
    reference: None, client: Client, address: str
) -> None:
    client.force_login(make_user())
    assert client.get(address).status_code == 400


@pytest.mark.parametrize("query", ["status=%00", "kind=a%00b", "q=%00"])
def test_the_queue_refuses_a_nul_that_its_filters_would_pass_on(
    reference: None, client: Client, query: str
) -> None:
    client.force_login(make_staff("reviewer"))
    assert client.get(f"/admin/registrations/request/?{query}").status_code == 400


@pytest.mark.parametrize("name", ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE_NAME"])
def test_a_cookie_with_an_escaped_nul_is_a_bad_request(client: Client, name: str) -> None:
    cookie = f'{getattr(settings, name)}="aaaaaaaaaaaa\\000"'
    assert client.get("/cas/login", headers={"cookie": cookie}).status_code == 400


def test_a_percent_sign_that_is_itself_encoded_is_no_nul(client: Client) -> None:
    assert client.get("/cas/login?next=/aide/%2500").status_code == 200
