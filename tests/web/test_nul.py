"""PostgreSQL cannot hold a NUL: no address and no cookie with one reaches a look-up."""

import pytest
from django.conf import settings
from django.test import Client

from mgestion.web.links import read_carried_query
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/m-gestion/demande/?suite=%00",
        "/demandes/MG-%00/",
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


@pytest.mark.parametrize(
    ("address", "status", "content_type", "said"),
    [
        ("/api/v1/habilitations/changes?since=%00", 400, "application/problem+json", "unreadable"),
        ("/cas/serviceValidate?ticket=%00&service=x", 200, "text/xml", "INVALID_REQUEST"),
        ("/cas/p3/serviceValidate?ticket=%00&format=JSON", 200, "application/json", "INVALID_REQU"),
        ("/cas/proxy?pgt=%00", 200, "text/xml", "proxyFailure"),
        ("/cas/validate?ticket=%00", 200, "text/plain", "no\n\n"),
        ("/cas/login?service=%00", 400, "text/html", "Demande incomplète"),
    ],
)
def test_a_program_is_refused_in_the_format_that_it_parses(
    client: Client, address: str, status: int, content_type: str, said: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response["Content-Type"].split(";")[0] == content_type
    assert said in response.content.decode()


@pytest.mark.parametrize(
    ("carried", "kept"),
    [
        ("statut=%00&o=recue", "o=recue"),
        ("a%00b=1&statut=toutes", "statut=toutes"),
        ("&" * 1500, ""),
        ("statut=a&statut=b", "statut=a&statut=b"),
    ],
)
def test_a_list_that_a_field_carries_keeps_only_what_a_list_can_hold(
    carried: str, kept: str
) -> None:
    assert read_carried_query(carried).urlencode() == kept


@pytest.mark.django_db
@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize(
    "page", ["/admin/registrations/request/exporter/", "/admin/journal/entry/exporter/"]
)
def test_an_export_survives_a_nul_in_the_filters_that_it_journals(page: str) -> None:
    answer = client_of(make_staff("national")).post(page, {"filters": "o=%00"})
    assert answer.status_code == 200
