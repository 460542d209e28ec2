"""What every answer carries, and pages for what went wrong."""

import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries, Settings

from mgestion.web.logging.log_lines import LineFormatter, RefusedRequestFilter

pytestmark = [pytest.mark.urls("tests.web.urls"), pytest.mark.django_db]

STATIC = "/static/css/portal.css"
EVERYWHERE = [
    ("/t/ok", 200),
    ("/t/400", 400),
    ("/t/403", 403),
    ("/t/404", 404),
    ("/t/nowhere", 404),
    ("/t/405", 405),
    ("/t/429", 429),
    ("/t/500", 500),
    ("/t/private", 302),
    ("/healthz", 200),
    (STATIC, 200),
]


@pytest.fixture
def visitor(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def ask(client: Client, path: str) -> HttpResponseBase:
    response: HttpResponseBase = client.get(path)
    response.close()  # a static file is an open file
    return response


@pytest.mark.req("S24", "S25", "R115")
@pytest.mark.parametrize(("path", "status"), EVERYWHERE)
def test_every_response_refuses_frames_and_sniffing_and_only_static_files_are_stored(
    visitor: Client, path: str, status: int
) -> None:
    response = ask(visitor, path)
    assert response.status_code == status
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert len(response["X-Request-ID"]) == 32
    assert (response["Cache-Control"] == "no-store") is (path != STATIC)


def _whole(response: HttpResponseBase) -> None:
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Strict-Transport-Security"].startswith("max-age=63072000")


@pytest.mark.req("S24", "R115")
@pytest.mark.urls("mgestion.urls")
def test_what_answers_before_the_pages_has_their_whole_policy(
    settings: Settings, tmp_path: Path
) -> None:
    settings.SECURE_HSTS_SECONDS, settings.DATA_DIR = 63_072_000, tmp_path
    client = Client()
    nul = client.get("/cas/login?x=%00", secure=True)
    assert nul.status_code == 200 if nul["Content-Type"].startswith("text/xml") else 400
    _whole(nul)
    _whole(client.get("/aide/?x=%00", secure=True))
    (tmp_path / "MAINTENANCE").touch()
    closed = client.get("/aide/", secure=True)
    assert closed.status_code == 503
    _whole(closed)


_KINDS = {
    "/cas/login": 200,
    "/compte/": 302,
    "/api/v1/habilitations/changes": 401,
    "/api/v1/openapi.json": 200,
    "/cas/serviceValidate?service=https%3A%2F%2Fa.example.org&ticket=ST-1": 200,
    "/cas/validate?service=https%3A%2F%2Fa.example.org&ticket=ST-1": 200,
    "/robots.txt": 200,
    "/nulle-part/": 404,
    "/cas/confirm": 405,
}


@pytest.mark.req("S24", "S25", "R115")
@pytest.mark.urls("mgestion.urls")
@pytest.mark.parametrize(("path", "status"), _KINDS.items())
def test_one_answer_of_each_kind_has_the_whole_policy(
    settings: Settings, path: str, status: int
) -> None:
    settings.SECURE_HSTS_SECONDS = 63_072_000
    response = Client().get(path, secure=True)
    assert response.status_code == status
    _whole(response)
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cache-Control"] == "no-store"
    assert "unsafe" not in response["Content-Security-Policy"]
    for cookie in response.cookies.values():
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"]


_PROGRAMS = {
    "/api/v1/habilitations/changes": "https_required",
    "/cas/serviceValidate?ticket=ST-x": "INVALID_REQUEST",
    "/cas/p3/serviceValidate?ticket=ST-x&format=JSON": "INVALID_REQUEST",
    "/cas/p3/proxyValidate?ticket=ST-x": "INVALID_REQUEST",
    "/cas/proxy?pgt=PGT-x": "INVALID_REQUEST",
    "/cas/validate?ticket=ST-x": "no",
}


@pytest.mark.req("S25")
@pytest.mark.urls("mgestion.urls")
@pytest.mark.parametrize("path", _PROGRAMS)
def test_a_program_that_calls_over_plain_http_is_refused_and_logged(
    path: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    for response in (client.get(path), client.post(path)):
        assert response.status_code == 403
        assert _PROGRAMS[path] in response.content.decode()
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "over plain http" in caplog.text
    assert "ST-x" not in caplog.text
    assert client.get("/cas/login").status_code == 301, "people are led to https"


@pytest.mark.urls("mgestion.urls")
def test_a_foreign_host_is_one_line_of_warning(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALLOWED_HOSTS = ["portail.example.org"]
    assert Client().get("/aide/", headers={"host": "evil.example.org"}).status_code == 400
    (record,) = [one for one in caplog.records if one.name.startswith("django.security")]
    assert RefusedRequestFilter().filter(record)
    line = LineFormatter().format(record)
    assert " WARNING django.security.DisallowedHost " in line
    assert "\n" not in line


@pytest.mark.urls("mgestion.urls")
def test_the_well_known_addresses_answer(client: Client, settings: Settings) -> None:
    assert "Disallow: /admin/" in client.get("/robots.txt").content.decode()
    told = client.get("/.well-known/security.txt")
    assert told["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Contact: mailto:{settings.CONTACT_EMAIL}" in told.content.decode()
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT00:00:00Z$", told.content.decode(), re.M)
    assert client.get("/.well-known/change-password")["Location"] == "/compte/mot-de-passe/"


def test_a_redirect_to_https_and_a_bad_host_carry_the_headers_too(visitor: Client) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["portail.example.org"]):
        client = Client(raise_request_exception=False)
        redirect = client.get("/t/ok", headers={"host": "portail.example.org"})
        stranger = client.get("/t/ok", headers={"host": "evil.example.org"}, secure=True)
    for response, status in ((redirect, 301), (stranger, 400)):
        assert response.status_code == status
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/t/400", "/t/403", "/t/404", "/t/429", "/t/500"])
@pytest.mark.req("S25")
def test_error_pages_are_ours_say_nothing_inside_and_need_no_database(
    visitor: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = ask(visitor, path)
    assert isinstance(response, HttpResponse)
    page = response.content.decode()
    assert '<html lang="fr">' in page
    assert response["X-Request-ID"] in page, "the number that finds it in the logs"
    assert "secret" not in page
    assert "Traceback" not in page


def test_an_act_whose_row_is_gone_says_so_and_leaves_a_trace(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    page = visitor.post("/t/410")
    assert page.status_code == 410
    assert "Cela n’existe plus" in page.text and "secret" not in page.text
    trace = next(record for record in caplog.records if record.name == "mgestion.web.errors")
    assert trace.levelname == "WARNING" and trace.exc_info
    assert visitor.get("/t/410").status_code == 500, "no act: a fault of ours"


def test_what_was_typed_while_a_disk_was_full_is_sent_again_from_the_page(
    visitor: Client, settings: Settings
) -> None:
    typed = {"csrfmiddlewaretoken": "t", "person": "p", "message": 'Un « Kbis » & "deux"\nlignes'}
    response = visitor.post("/t/full", typed)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    page: Any = lxml.html.document_fromstring(response.content.decode())
    (form,) = page.forms
    assert dict(form.form_values()) == typed
    assert (form.method, form.action) == ("POST", "")
    too_many = {**typed, "more": ["x"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    for other in ({"message": "no form"}, {**typed, "password1": "Secret"}, too_many):
        shown = visitor.post("/t/full", other).content.decode()
        assert "Réessayer" in shown and "<form" not in shown


def test_a_429_says_when_to_come_back(visitor: Client) -> None:
    response = ask(visitor, "/t/429")
    assert isinstance(response, HttpResponse)
    assert response["Retry-After"] == "61"
    assert "2\N{NO-BREAK SPACE}minutes" in response.content.decode().replace("&nbsp;", "\xa0")


def test_a_form_without_its_token_is_explained_with_a_way_back() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/t/ok?service=https%3A%2F%2Fa.example.org")
    page = response.content.decode()
    assert response.status_code == 403
    assert "Le formulaire n’a pas pu être vérifié" in page
    assert 'href="/t/ok?service=https%3A%2F%2Fa.example.org"' in page
    assert "aucun cookie" in page


def test_a_csrf_failure_never_leads_to_another_site() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("//evil.example.org/x")
    assert b'href="//evil' not in response.content


def test_an_id_from_outside_is_taken_from_a_proxy_only(client: Client, settings: Settings) -> None:
    given = {"X-Request-ID": "abcdef-0123456789"}
    assert client.get("/t/ok", headers=given)["X-Request-ID"] != given["X-Request-ID"]
    settings.TRUSTED_PROXY_COUNT = 1
    response = client.get("/t/ok", headers=given)
    assert response["X-Request-ID"] == given["X-Request-ID"]
    assert response.content.startswith(b"abcdef-0123456789 ")
    for wrong in ("short", "x" * 41, "abcdef 0123456789", "abcdef\u00e90123456"):
        answer = client.get("/t/ok", headers={"X-Request-ID": wrong})
        assert len(answer["X-Request-ID"]) == 32


def test_the_maintenance_file_closes_the_portal_and_not_its_watch(
    settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    client = Client()
    assert client.get("/t/ok").status_code == 200
    (tmp_path / "MAINTENANCE").write_text("14 h 30\n", encoding="utf-8")
    response = client.get("/t/ok")
    assert response.status_code == 503
    assert "14 h 30" in response.content.decode()
    assert response["Retry-After"] == "300"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert client.get("/healthz").status_code == 200
    assert ask(client, STATIC).status_code == 200
    (tmp_path / "MAINTENANCE").unlink()
    assert client.get("/t/ok").status_code == 200


def test_an_address_for_a_button_says_so_to_who_opens_it(visitor: Client) -> None:
    response = visitor.get("/t/405")
    page = response.content.decode()
    assert response["Allow"] == "POST"
    assert "<h1>Cette adresse ne s’ouvre pas directement</h1>" in page
    assert "Revenir à l’accueil" in page
    assert visitor.post("/t/405").content == b"done"
