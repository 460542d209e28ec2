"""The guards of the whole suite do catch what they are there for."""

from __future__ import annotations

import socket
import warnings
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template import Context, Engine
from django.utils import timezone

from mgestion.journal.models import Entry
from tests.guards import html, network
from tests.guards import templates as strict
from tests.guards.html import HtmlGuardMiddleware, PageFault, faults_of
from tests.guards.templates import UndefinedVariable, VariableMissing

# --- HTML -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ("<script>alert(1)</script>", "inline script"),
        ('<script type="module">x()</script>', "inline script"),
        ("<style>p{}</style>", "<style>"),
        ('<p style="color:red">', "style attribute"),
        ('<button onclick="go()">', "inline handler"),
        ('<a href=" javascript:go()">', "javascript: address"),
        ('<form method="post"><input name="a"></form>', "without a CSRF token"),
        ('<form method="POST">', "without a CSRF token"),
        (
            '<form method="post"></form><form method="post">'
            '<input type="hidden" name="csrfmiddlewaretoken" value="x"></form>',
            "without a CSRF token",
        ),
    ],
)
def test_a_fault_of_a_page_is_found(page: str, word: str) -> None:
    assert any(word in fault for fault in faults_of(page))


@pytest.mark.parametrize(
    "page",
    [
        '<script src="/static/js/a.js" defer></script>',
        '<script type="application/json" id="d">{"a": 1}</script>',
        '<form method="get"><input name="q"></form>',
        '<form method="post"><input name="csrfmiddlewaretoken" value="x"></form>',
        '<form method="post"><input name="csrfmiddlewaretoken" value="x"/>',
        '<p class="onward" data-style="x">onclick="no"</p>',
    ],
)
def test_a_page_in_order_passes(page: str) -> None:
    assert faults_of(page) == []


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    return HtmlGuardMiddleware(lambda _request: response)(HttpRequest())


def test_the_guard_looks_at_html_of_every_status() -> None:
    with pytest.raises(PageFault):
        _guarded(HttpResponse("<style></style>", status=404))
    assert _guarded(JsonResponse({"html": "<style>"})).status_code == 200


def test_the_guard_can_be_suspended_for_foreign_pages() -> None:
    with html.suspended():
        assert _guarded(HttpResponse("<style></style>")).status_code == 200
    with pytest.raises(PageFault):
        _guarded(HttpResponse("<style></style>"))


# --- templates --------------------------------------------------------------------------------


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine whose folder counts as ours, with one template that does not."""
    foreign = tmp_path / "foreign"
    ours = tmp_path / "ours"
    for folder in (foreign, ours):
        folder.mkdir()
    (foreign / "foreign.html").write_text("[{{ nothing }}]")
    texts = {
        "missing.html": "{{ nothing }}",
        "deep.html": "{{ known.nothing }}",
        "block.html": "{% with a=nothing %}{{ a }}{% endwith %}",
        "child.html": '{% extends "parent.html" %}{% block main %}{{ nothing }}{% endblock %}',
        "parent.html": "{% block main %}{% endblock %}",
        "includes.html": '{% include "missing.html" %}',
        "if.html": "{% if nothing %}a{% else %}b{% endif %}",
        "default.html": '{{ nothing|default:"c" }}{{ nothing|default_if_none:"c" }}',
        "given.html": "{{ known }}",
        "includes_foreign.html": '{% include "foreign.html" %}',
    }
    for name, text in texts.items():
        (ours / name).write_text(text)
    monkeypatch.setattr(strict, "OURS", ours)
    return Engine(dirs=[str(ours), str(foreign)], string_if_invalid=UndefinedVariable())


@pytest.mark.parametrize(
    "name", ["missing.html", "deep.html", "block.html", "child.html", "includes.html"]
)
def test_a_variable_that_nobody_gave_raises(engine: Engine, name: str) -> None:
    with pytest.raises(VariableMissing, match="nothing"):
        engine.get_template(name).render(Context({"known": "k"}))


@pytest.mark.parametrize(
    ("name", "text"),
    [("if.html", "b"), ("default.html", "c"), ("given.html", "k"), ("foreign.html", "[]")],
)
def test_what_says_what_happens_without_it_passes(engine: Engine, name: str, text: str) -> None:
    assert engine.get_template(name).render(Context({"known": "k"})) == text


def test_a_foreign_template_inside_ours_keeps_djangos_behaviour(engine: Engine) -> None:
    assert engine.get_template("includes_foreign.html").render(Context({})) == "[]"


# --- order ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_rows_without_an_order_come_shuffled() -> None:
    ContentType.objects.bulk_create(
        ContentType(app_label="shuffle", model=f"m{number:02}") for number in range(20)
    )
    rows = ContentType.objects.filter(app_label="shuffle")
    orders = {tuple(rows.values_list("model", flat=True)) for _ in range(5)}
    assert len(orders) > 1
    assert list(rows.order_by("model").values_list("model", flat=True)) == sorted(
        rows.values_list("model", flat=True)
    )


@pytest.mark.django_db
def test_shuffling_leaves_counts_groups_unions_and_distinct_alone() -> None:
    ContentType.objects.bulk_create(
        ContentType(app_label="shuffle", model=f"m{number}") for number in range(4)
    )
    rows = ContentType.objects.filter(app_label="shuffle")
    assert rows.count() == 4
    assert rows.exists()
    assert list(rows.values_list("app_label", flat=True).distinct()) == ["shuffle"]
    assert rows.union(rows).count() == 4
    assert ContentType.objects.filter(pk__in=rows.values("pk")).count() == 4
    assert rows.filter(model="m0").update(model="other") == 1
    assert rows.filter(pk__in=rows.values("pk")[:2]).count() == 2


# --- network ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST", None, "", b"127.0.0.1"]
)
def test_the_loopback_is_open(host: object) -> None:
    assert network.is_local(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "example.org", "10.0.0.1", "2001:db8::1", "fe80::1%eth0"]
)
def test_other_machines_are_not(host: str) -> None:
    assert not network.is_local(host)


def test_a_connection_to_another_machine_raises_before_it_leaves() -> None:
    with socket.socket() as probe, pytest.raises(network.NetworkForbidden):
        probe.connect(("192.0.2.1", 80))
    with pytest.raises(network.NetworkForbidden):
        socket.getaddrinfo("example.org", 80)


def test_a_datagram_to_another_machine_raises() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe,
        pytest.raises(network.NetworkForbidden),
    ):
        probe.sendto(b"x", ("192.0.2.1", 53))


# --- the rest ---------------------------------------------------------------------------------


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="soon gone"):
        warnings.warn("soon gone", UserWarning, stacklevel=1)


@pytest.mark.django_db
def test_the_purge_window_is_closed_while_a_test_runs() -> None:
    with pytest.raises(DatabaseError, match="purge window is closed"), transaction.atomic():
        Entry.objects.create(at=timezone.now(), act="test.guard", actor_kind="system")
        Entry.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_transactional_test_finds_an_empty_journal_and_the_content_types(turn: int) -> None:
    """The second turn would find the first one's row if the flush had been refused."""
    assert not Entry.objects.exists()
    assert ContentType.objects.exists() and Permission.objects.exists()
    Entry.objects.create(at=timezone.now(), act=f"test.turn{turn}", actor_kind="system")
    with pytest.raises(DatabaseError, match="purge window is closed"):
        Entry.objects.all().delete()
