"""Which addresses may receive a ticket. A wrong yes here gives a session away."""

import string
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.habilitations.platforms import cas_services
from accounts.habilitations.platforms.cas_services import (
    match_platform,
    parse_service_address,
    rule_covers_path,
)
from accounts.habilitations.platforms.models import Platform, ServiceRule
from tests.effort import examples

OWN = "http://127.0.0.1:8000"


@pytest.fixture
def campus(reference: None) -> Platform:
    """M-Campus, entered by https://mcampus.example.org/app."""
    platform = Platform.objects.get(code="m-campus-entreprise")
    ServiceRule.objects.create(platform=platform, origin="https://mcampus.example.org", path="/app")
    return platform


@pytest.mark.req("R9")
def test_an_address_under_the_rule_belongs_to_its_platform(campus: Platform) -> None:
    for url in (
        "https://mcampus.example.org/app",
        "https://mcampus.example.org/app/",
        "https://mcampus.example.org/app/cours/12?next=%2Faccueil&x=1",
        "https://mcampus.example.org/app#ici",
        "https://mcampus.example.org:443/app",
        "HTTPS://MCampus.example.org/app",
        "https://mcampus.example.org/app?next=//ailleurs.example.org",
        "https://mcampus.example.org/app?q=été",
    ):
        assert match_platform(url) == campus, url


@pytest.mark.req("R9")
def test_an_address_with_another_reading_belongs_to_nobody(campus: Platform) -> None:
    for url in (
        "",
        "/app",
        "//mcampus.example.org/app",
        "https:/mcampus.example.org/app",
        "https:mcampus.example.org/app",
        "mcampus.example.org/app",
        "http://mcampus.example.org/app",
        "ftp://mcampus.example.org/app",
        "javascript:alert(1)//https://mcampus.example.org/app",
        "https://mcampus.example.org/",
        "https://mcampus.example.org/application",
        "https://mcampus.example.org/App",
        "https://mcampus.example.org/%61pp",
        "https://mcampus.example.org//app",
        "https://mcampus.example.org:8443/app",
        "https://mcampus.example.org:0443/app",
        "https://mcampus.example.org:/app",
        "https://mcampus.example.org:99999/app",
        "https://mcampus.example.org./app",
        "https://mcampus.example.org.evil.example/app",
        "https://evil.example/https://mcampus.example.org/app",
        "https://evil-mcampus.example.org/app",
        "https://mcampus-example.org/app",
        "https://mcampus.example.org@evil.example/app",
        "https://user:pass@mcampus.example.org/app",
        "https://evil.example\\@mcampus.example.org/app",
        "https://mcampus.example.org\\app",
        "https://mcampus.example.org/app?f=a\\b",
        "https://mcampus.example.org/app\\..\\x",
        "https://mcampus.example.org/app%5c..",
        "https://mcampus.example.org/app/../x",
        "https://mcampus.example.org/app/..",
        "https://mcampus.example.org/app/./x",
        "https://mcampus.example.org/app/%2e%2e/x",
        "https://mcampus.example.org/app/.%2E/x",
        "https://mcampus.example.org/app/%252e%252e/x",
        "https://mcampus.example.org/app/%25252e%25252e/x",
        "https://mcampus.example.org/app/..;v=1/x",
        "https://mcampus.example.org/app/..%3bv=1/x",
        "https://mcampus.example.org/app/%2e%2e%2fx",
        "https://mcampus.example.org/app%2fx/../..",
        "https://mcampus.example.org%2fapp",
        "https://mcampus.example.org/app\n",
        "\nhttps://mcampus.example.org/app",
        " https://mcampus.example.org/app",
        "https://mcampus.example.org/app\tx",
        "https://mcampus.example.org/app%0d%0aSet-Cookie:x",
        "https://mcampus.example.org/app\x00",
        "https://mcampus.example.org/app%00",
        "https://mcampus.example.org/app\u2028x",
        "https://mcampus.example.org/app\u200bx",
        "https://mcampuſ.example.org/app",
        "httpſ://mcampus.example.org/app",
        "https://mcampus。example。org/app",
        "https://mcampus.example.org/app/" + "x" * 2000,
    ):
        assert match_platform(url) is None, url


def test_two_thousand_characters_are_accepted_and_one_more_is_not(campus: Platform) -> None:
    url = "https://mcampus.example.org/app/".ljust(2000, "x")
    assert match_platform(url) == campus
    assert match_platform(url + "x") is None


def test_a_closed_platform_is_unregistered_and_no_broader_rule_takes_over(campus: Platform) -> None:
    other = Platform.objects.get(code="m-campus-of")
    ServiceRule.objects.create(platform=other, origin="https://mcampus.example.org", path="/")
    assert match_platform("https://mcampus.example.org/x") == other
    Platform.objects.filter(pk=campus.pk).update(enabled=False)
    assert match_platform("https://mcampus.example.org/app/x") is None


@pytest.mark.req("R8", "R9")
def test_the_published_links_of_this_portal_enter_m_gestion(reference: None) -> None:
    for branch in ("automobile", "transport", "urbain", "of"):
        found = match_platform(f"{OWN}/app/authenticate/{branch}")
        code = "m-gestion-of" if branch == "of" else "m-gestion-entreprise"
        assert found is not None and found.code == code, branch
    assert match_platform(f"{OWN}/app/authenticate/inconnue") is None
    assert match_platform(f"{OWN}/app/authenticate/") is None


def test_plain_http_is_for_this_machine_in_the_embedded_mode_only(
    reference: None, settings: pytest.FixtureRequest
) -> None:
    platform = Platform.objects.get(code="m-contributions")
    ServiceRule.objects.create(platform=platform, origin="http://127.0.0.1:9000", path="/")
    ServiceRule.objects.create(platform=platform, origin="http://distant.example.org", path="/")
    assert match_platform("http://127.0.0.1:9000/") == platform
    assert match_platform("http://distant.example.org/") is None
    settings.EMBEDDED = False  # type: ignore[attr-defined]
    assert match_platform("http://127.0.0.1:9000/") is None
    assert match_platform(f"{OWN}/app/authenticate/of") is None


def test_the_portals_own_rules_follow_its_public_address(
    reference: None, settings: pytest.FixtureRequest
) -> None:
    settings.PUBLIC_URL = "https://portail.example.org"  # type: ignore[attr-defined]
    assert match_platform("https://portail.example.org/app/authenticate/of") is not None
    assert match_platform(f"{OWN}/app/authenticate/of") is None


def test_a_rule_covers_whole_segments() -> None:
    for rule, path, expected in (
        *(("/", "/", True), ("/", "/x", True), ("/a", "/a", True), ("/a", "/ab", False)),
        *(("/a/", "/a", True), ("/a/", "/a/b", True), ("/a/b", "/a", False), ("/A", "/a", False)),
    ):
        assert rule_covers_path(rule, path) is expected, (rule, path, expected)


_NASTY = st.text(
    alphabet=st.sampled_from(string.printable + "\\@:/?#[]%;.ſK。\u200b\u2028\x00\x7f"), max_size=60
)


@example("https://h/a?b@c")
@given(_NASTY | _NASTY.map(lambda tail: f"https://{tail}") | st.text(max_size=80))
def test_whatever_is_read_is_read_alike_by_the_standard_library(url: str) -> None:
    found = parse_service_address(url)
    if found is None:
        return
    parts = urlsplit(url)
    assert parts.username is None and parts.password is None
    assert parts.scheme in ("http", "https")
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    assert parts.hostname is not None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    assert found.origin in (f"{parts.scheme}://{host}", f"{parts.scheme}://{host}:{port}")
    assert found.path == (parts.path or "/")


@given(
    prefix=st.sampled_from(["", "/app", "/app/x"]),
    times=st.integers(min_value=0, max_value=6),
    dots=st.sampled_from([".", "..", "..;a", "%2e%2e", ".%2e"]),
    tail=st.text(alphabet=string.ascii_lowercase + "/", max_size=10),
)
def test_no_depth_of_encoding_hides_a_dot_segment(
    prefix: str, times: int, dots: str, tail: str
) -> None:
    path = f"{prefix}/{dots}/{tail}"
    for _ in range(times):
        path = quote(path, safe="/")
    if times and dots in (".", ".."):  # quote() leaves dots alone
        path = path.replace(f"/{dots}/", f"/{'%2e' * len(dots)}/")
    assert parse_service_address(f"https://mcampus.example.org{path}") is None


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=examples(20, 300),
)
@given(host=st.text(alphabet=string.ascii_lowercase + ".-@:\\/%", min_size=1, max_size=30))
def test_no_other_host_is_ever_matched(campus: Platform, host: str) -> None:
    if host.rstrip("/") in ("mcampus.example.org", "mcampus.example.org:443"):
        return
    assert match_platform(f"https://{host}/app") is None


def test_an_origin_has_one_canonical_form() -> None:
    assert cas_services.get_origin("https://H.example.org:443/x") == "https://h.example.org"
    assert cas_services.get_origin("http://[::1]:8000/") == "http://[::1]:8000"
    assert cas_services.get_origin("nonsense") == ""


def test_an_odd_spelling_that_is_accepted_would_validate(campus: Platform) -> None:
    for url in ("HTTPS://MCampus.example.org/app", "https://mcampus.example.org/app?#x"):
        assert cas_services.explain_service_address(url).accepted, url
        assert cas_services.are_same(url, "https://mcampus.example.org/app"), url
