"""Where one may be sent, and whom a request comes from."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from mgestion.web.links import build_absolute_url
from mgestion.web.middleware import client_ip as client_ip_module
from mgestion.web.middleware.client_ip import client_ip, network_key
from mgestion.web.safe_redirect import local_path


@pytest.mark.parametrize(
    "path", ["/", "/m-gestion/", "/cas/login?service=https%3A%2F%2Fa.example.org", "/a#b", "/a//b"]
)
def test_paths_of_the_portal_are_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.req("S23")
@pytest.mark.parametrize(
    "path",
    [
        "",
        "m-gestion/",
        "https://evil.example.org/",
        "//evil.example.org/",
        "///evil.example.org/",
        "/\\evil.example.org/",
        "\\\\evil.example.org",
        "/\t/evil.example.org/",
        "/\n/evil.example.org",
        "/a\r\nSet-Cookie: x=1",
        "/\x00",
        "/a\x85b",
        " /a",
        "javascript:alert(1)",
        "/" + "a" * 2000,
    ],
)
def test_what_could_lead_elsewhere_is_not(path: str) -> None:
    assert local_path(path) == ""


@given(st.text(max_size=40))
def test_a_kept_path_begins_with_one_slash_and_is_unchanged(text: str) -> None:
    for candidate in (text, f"/{text}", f"//{text}", f"/\\{text}"):
        kept = local_path(candidate)
        assert kept in ("", candidate)
        if kept:
            assert kept[0] == "/"
            assert kept[1:2] not in ("/", "\\")


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        (0, "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9", "10.0.0.1"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "not-an-address", ""),
        (1, "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        (1, "10.0.0.1", "203.0.113.9:51000", "203.0.113.9"),
        (0, "::ffff:192.0.2.7", "", "192.0.2.7"),
        (0, "", "", ""),
    ],
)
def test_the_client_is_who_the_last_trusted_proxy_saw(
    settings: Settings, proxies: int, peer: str, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("proxies", "forwarded", "said"),
    [
        (1, "8.8.8.8, 10.0.0.5", 1),  # a second proxy, that nobody counted
        (0, "8.8.8.8", 1),
        (2, "8.8.8.8, 10.0.0.5", 0),
        (1, "8.8.8.8", 0),
        (1, "192.168.1.7, 8.8.8.8", 0),  # what a visitor wrote
        (1, "10.1.2.3, 10.0.0.5", 0),  # an inner network may well be the visitors'
    ],
)
def test_a_proxy_that_is_not_counted_is_warned_of_once(
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    forwarded: str,
    said: int,
) -> None:
    monkeypatch.setattr(client_ip_module._Warned, "once", False)  # noqa: SLF001
    settings.TRUSTED_PROXY_COUNT = proxies
    for _ in range(3):
        client_ip(
            RequestFactory().get(
                "/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.9"
            )
        )
    assert caplog.text.count("TRUSTED_PROXY_COUNT is too low") == said


def test_limits_count_an_ipv6_client_by_its_64() -> None:
    assert network_key("2001:db8:0:1:aaaa::1") == network_key("2001:db8:0:1:bbbb::2")
    assert network_key("2001:db8:0:1::1") != network_key("2001:db8:0:2::1")
    assert network_key("192.0.2.7") == "192.0.2.7"
    assert network_key("") == network_key("nonsense") == "unknown"


def test_mailed_links_begin_with_the_public_address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://portail.example.org"
    assert build_absolute_url("jobs:healthz") == "https://portail.example.org/healthz"
