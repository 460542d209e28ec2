"""The guards of the whole suite do catch what they are there for."""

import socket
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


# --- network ----------------------------------------------------------------------------------


def test_a_connection_to_another_machine_raises_before_it_leaves() -> None:
    with socket.socket() as probe, pytest.raises(network.NetworkForbidden):
        probe.connect(("192.0.2.1", 80))
    with pytest.raises(network.NetworkForbidden):
        socket.getaddrinfo("example.org", 80)


# --- the rest ---------------------------------------------------------------------------------


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
