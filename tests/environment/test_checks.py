"""What the system checks find, and what `load_demo` does."""

from dataclasses import replace
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from mgestion import checks, slots
from mgestion.demo import Demo, DemoAccount
from mgestion.jobs.models import JobRun
from mgestion.outbox.catalogue.kinds import MailKind


def test_a_mail_without_its_text_or_with_a_wrong_one_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = slots.mail_kinds["lifecycle.closed"]
    kinds = {
        "tests.absent": MailKind("tests.absent", "absent", closed.build),
        "lifecycle.closed": replace(closed, placeholders=()),
    }
    monkeypatch.setattr(slots.mail_kinds, "_entries", kinds)
    wrong, absent = (str(error.msg) for error in checks.mails_have_their_text(None))
    assert "closed_on" in wrong and "mail/tests/absent.md" in absent


def test_a_badly_named_mail_kind_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"room.mail": print, "nameless": print, f"room.{'x' * 60}": print}
    monkeypatch.setattr(slots.mail_kinds, "_entries", kinds)
    assert len(checks.mail_kinds_are_well_named(None)) == 2


def test_the_demo_answers_on_the_loopback_only(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    assert checks.embedded_stays_on_this_machine(None) == []
    settings.ALLOWED_HOSTS = ["127.0.0.1", "portail.example.org"]
    (found,) = checks.embedded_stays_on_this_machine(None)
    assert "portail.example.org" in str(found.msg)


def test_production_may_not_keep_its_mails_to_itself(settings: Settings) -> None:
    settings.EMBEDDED = False
    settings.EMAIL_BACKEND = "mgestion.outbox.sending.backends.LocalBackend"
    (found,) = checks.embedded_stays_on_this_machine(None)
    assert found.id == "mgestion.E004"


def test_production_without_a_trusted_proxy_is_warned_of(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    assert checks.production_stands_behind_a_proxy(None) == []
    settings.EMBEDDED = False
    (found,) = checks.production_stands_behind_a_proxy(None)
    assert found.id == "mgestion.W001"
    settings.TRUSTED_PROXY_COUNT = 1
    assert checks.production_stands_behind_a_proxy(None) == []


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two rooms' demo data, registered the other way round."""
    done: list[str] = []

    def first(now: datetime) -> None:
        done.append("first")

    def second(now: datetime) -> None:
        done.append("second")

    account = DemoAccount("lea@example.org", "Demo-Motdepasse-1", "utilisatrice", "ses services")
    entries = {"20-second": second, "10-first": Demo(first, [account])}
    monkeypatch.setattr(slots.demo, "_entries", entries)
    return done


def run(**options: bool) -> str:
    out = StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_demo_data_is_loaded_in_order_and_once(loads: list[str]) -> None:
    run()
    assert loads == ["first", "second"]
    assert "loaded already" in run()
    assert loads == ["first", "second"]


@pytest.mark.django_db
def test_changed_demo_data_is_loaded_again(
    loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    entries = {**slots.demo._entries, "30-third": Demo(slots.demo["20-second"])}  # noqa: SLF001
    monkeypatch.setattr(slots.demo, "_entries", entries)
    run()
    assert loads == ["first", "second", "first", "second", "second"]


@pytest.mark.django_db
def test_the_accounts_are_printed_without_loading(loads: list[str]) -> None:
    printed = run(print=True)
    assert "lea@example.org  Demo-Motdepasse-1  utilisatrice  ses services" in printed
    assert loads == []
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_a_load_that_fails_is_tried_again(
    loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(now: datetime) -> None:
        raise OSError("disk full")

    whole = slots.demo._entries  # noqa: SLF001
    monkeypatch.setattr(slots.demo, "_entries", {**whole, "15-breaks": breaks})
    with pytest.raises(OSError, match="disk full"):
        run()
    with pytest.raises(OSError, match="disk full"):
        run()
