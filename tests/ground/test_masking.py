"""Logs hold neither mailed keys nor CAS tickets."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from mgestion.run.access_log import MaskingFilter, MaskingLogger
from mgestion.run.masking import mask, mask_query

KEY = "MTIz.x-Y_z:1abc"


@pytest.mark.parametrize(
    "path",
    [
        f"/inscription/mot-de-passe/{KEY}/",
        f"/mot-de-passe/{KEY}/",
        f"/mot-de-passe/{KEY}",
        f"/deverrouillage/{KEY}/",
        f"/mot%2Dde%2Dpasse/{KEY}/",
        f"/%6dot-de-passe/{KEY}/?next=%2Fservices%2F",
        f"/app/authenticate/automobile?ticket={KEY}",
        f"/cas/serviceValidate?service=https%3A%2F%2Fa.example.org&ticket={KEY}",
        f"/cas/serviceValidate?TICKET={KEY}&format=JSON",
        f"/compte/?next=%2Fmot-de-passe%2F{KEY}%2F",
    ],
)
def test_a_key_never_passes(path: str) -> None:
    assert KEY not in mask(f"GET {path} HTTP/1.1")
    assert "***" in mask(path)


@pytest.mark.parametrize(
    "path",
    [
        "/mot-de-passe/oublie/",
        "/inscription/envoye/",
        "/services/?q=ticket",
        "/m-gestion/demande/DM-2026-0001/",
        "/static/css/portal.css?v=%20",
        "/",
    ],
)
def test_other_addresses_stay_as_they_are(path: str) -> None:
    assert mask(path) == path


def test_the_rest_of_the_line_stays_readable() -> None:
    line = f'"POST /mot-de-passe/{KEY}/?a=b HTTP/1.1" 302'
    assert mask(line) == '"POST /mot-de-passe/***/?a=b HTTP/1.1" 302'


def test_a_decoded_line_break_forges_no_line() -> None:
    assert "\n" not in mask(f"/mot%2Dde-passe/{KEY}/?x=%0A127.0.0.1%20-%20forged")


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
