"""Logs hold neither mailed keys nor CAS tickets."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.signing import Signer
from django.urls import URLResolver, get_resolver
from django.urls.converters import PathConverter, SlugConverter, StringConverter
from gunicorn.config import Config

from mgestion.launch.access_log import MaskingFilter, MaskingLogger
from mgestion.web.logging import masking
from mgestion.web.logging.masking import mask_keys, mask_query
from mgestion.web.mailed_keys import MailedKey

KEY = "MTIz.x-Y_z:1abc"


@pytest.mark.parametrize(
    "path",
    [
        f"/inscription/mot-de-passe/{KEY}/",
        f"/mot-de-passe/{KEY}/",
        f"/mot-de-passe/{KEY}",
        f"/deverrouillage/{KEY}/",
        f"/signalement/{KEY}/",
        f"/compte/adresse/{KEY}/",
        f"/mot%2Dde%2Dpasse/{KEY}/",
        f"/%6dot-de-passe/{KEY}/?next=%2Fservices%2F",
        f"/app/authenticate/automobile?ticket={KEY}",
        f"/admin/recherche/?q={KEY}",  # an address of somebody, as a rule
        f"/cas/serviceValidate?service=https%3A%2F%2Fa.example.org&ticket={KEY}",
        f"/cas/serviceValidate?TICKET={KEY}&format=JSON",
        f"/compte/?next=%2Fmot-de-passe%2F{KEY}%2F",
    ],
)
def test_a_key_never_passes(path: str) -> None:
    assert KEY not in mask_keys(f"GET {path} HTTP/1.1")
    assert "***" in mask_keys(path)


@pytest.mark.parametrize(
    "path",
    [
        "/mot-de-passe/oublie/",
        "/mot-de-passe/envoye/?service=x",
        "/signalement/envoye/",
        "/compte/adresse/",
        "Fichier releve.pdf du 29/11, empreinte 0f5c63.",
        "/inscription/envoye/",
        "/services/?p=ticket",
        "/demandes/DM-2026-0001/",
        "/static/css/portal.css?v=%20",
        "/",
    ],
)
def test_other_addresses_stay_as_they_are(path: str) -> None:
    assert mask_keys(path) == path


def _routes(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route, pattern


# Public pages whose address holds a word or a date, which opens nothing.
OPEN_WORDS = {
    "/cgu/<slug:slug>/",
    "/cgu/<slug:slug>/differences/",
    "/conditions/<slug:code>/",
    "/conditions/<slug:code>/versions/",
    "/conditions/<slug:code>/<slug:slug>/",
    "/conditions/<slug:code>/<slug:slug>/differences/",
    "/app/authenticate/<str:branche>",
    "/services/acces/<slug:code>/",
    "/demandes/<str:reference>/modifier/",
}


@pytest.mark.req("S25")
def test_each_public_address_with_a_key_says_so_and_is_masked() -> None:
    """A page that anybody may open and whose address holds a text: either the text is a mailed key,
    declared by the converter and so masked, or it is listed here.
    """
    declared, texts = set(), set()
    for route, pattern in _routes(get_resolver().url_patterns):
        kinds = pattern.pattern.converters.values()
        if any(isinstance(kind, MailedKey) for kind in kinds):
            declared.add(route)
        elif route.startswith("/admin/"):
            continue  # ids of rows, behind the administration's own door
        elif not getattr(pattern.callback, "login_required", True) and any(
            isinstance(kind, (StringConverter, SlugConverter, PathConverter)) for kind in kinds
        ):
            texts.add(route)
    assert len(declared) == 7
    assert texts <= OPEN_WORDS
    for route in declared:
        path = route.replace("<mailed_key:key>", KEY)
        assert KEY not in mask_keys(f"GET {path} HTTP/1.1")
        assert KEY not in mask_keys(f'<a href="https://portail.example.org{path}">…</a>')


def test_a_signed_value_is_masked_wherever_it_stands_and_before_the_routes_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed = Signer(sep=".", salt="any").sign("4a6c26a55bfe4938b13402c423bbcac0")
    monkeypatch.setattr(masking, "_declared", [])
    monkeypatch.setattr(masking, "_reading", True)
    for text in (f"/nouvelle-page/{signed}/", f"?suivi={signed}", f"lien {signed}, perdu"):
        assert signed not in mask_keys(text)
        assert signed.partition(".")[2] not in mask_keys(text)


def test_the_rest_of_the_line_stays_readable() -> None:
    line = f'"POST /mot-de-passe/{KEY}/?a=b HTTP/1.1" 302'
    assert mask_keys(line) == '"POST /mot-de-passe/***/?a=b HTTP/1.1" 302'


def test_a_decoded_line_break_forges_no_line() -> None:
    assert "\n" not in mask_keys(f"/mot%2Dde-passe/{KEY}/?x=%0A127.0.0.1%20-%20forged")


def test_a_query_alone_is_masked_too() -> None:
    assert mask_query(f"ticket={KEY}&service=x") == "ticket=***&service=x"
    assert mask_query("") == ""


@pytest.fixture
def logger() -> MaskingLogger:
    config = Config()
    config.set("accesslog", "-")
    config.set("access_log_format", "%(r)s %(U)s %(q)s %(f)s %({referer}i)s %({raw_uri}e)s")
    return MaskingLogger(config)


def test_the_access_log_masks_every_atom(logger: MaskingLogger) -> None:
    path = f"/mot-de-passe/{KEY}/"
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{path}?ticket={KEY}",
        "PATH_INFO": path,
        "QUERY_STRING": f"ticket={KEY}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"http://127.0.0.1:8000{path}",
    }
    response = SimpleNamespace(status="200 OK", sent=12, headers=[("Location", path)])
    request = SimpleNamespace(headers=[("REFERER", path)])
    atoms = logger.atoms(response, request, environ, timedelta(milliseconds=3))
    assert KEY not in repr(atoms)
    assert atoms["s"] == "200"
    assert atoms["r"] == "GET /mot-de-passe/***/?ticket=*** HTTP/1.1"


def test_the_error_log_masks_the_failing_address(logger: MaskingLogger) -> None:
    assert any(isinstance(known, MaskingFilter) for known in logger.error_log.filters)
    record = logging.LogRecord(
        "gunicorn.error", logging.ERROR, __file__, 1, "Error handling request %s",
        (f"/deverrouillage/{KEY}/",), None,
    )  # fmt: skip
    assert logger.error_log.filter(record)
    assert record.getMessage() == "Error handling request /deverrouillage/***/"
