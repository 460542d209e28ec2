"""The browser's name as its owner knows it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mgestion.text.browsers import browser_name
from tests.effort import examples


def test_names() -> None:
    for header, name in [
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox, Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/150.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("curl/8.0", "navigateur inconnu"),
        ("", "navigateur inconnu"),
    ]:
        assert browser_name(header) == name, (header, name)


@settings(max_examples=examples(40, 1000))
@given(st.text())
def test_any_header_has_a_name(header: str) -> None:
    assert browser_name(header)
