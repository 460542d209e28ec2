"""The register of cookies, the retention table, and the checks that watch them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from accounts.legal import checks
from accounts.legal.apps import check_terms_in_force
from accounts.legal.consent import cookie_register
from accounts.legal.pages import retention
from accounts.legal.terms.flows import load_shipped_terms
from mgestion.personal_data import format_period, list_entries
from tests.legal.conftest import NOW


@pytest.mark.req("R127", "S40")
def test_no_cookie_lives_more_than_13_months() -> None:
    assert cookie_register.list_too_long_cookies() == []
    assert checks.check_cookie_lives() == []


@pytest.mark.req("R127", "S40")
def test_the_check_refuses_a_cookie_of_394_days() -> None:
    for days, count in ((393, 0), (394, 1)):
        with override_settings(KNOWN_DEVICE_LIFE=timedelta(days=days)):
            assert len(checks.check_cookie_lives()) == count


@pytest.mark.req("R125", "S37")
def test_the_names_of_the_register_are_those_of_the_settings() -> None:
    with override_settings(SESSION_COOKIE_NAME="__Host-sessionid"):
        names = [cookie.name for cookie in cookie_register.COOKIES]
    assert names == ["__Host-sessionid", "csrftoken", "messages", "device"]


@pytest.mark.django_db
@pytest.mark.req("R125", "S37")
def test_the_public_pages_set_no_cookie_at_all(client: Client) -> None:
    load_shipped_terms(NOW)
    for name in ("terms", "notices", "privacy", "cookies", "accessibility"):
        assert not client.get(reverse(f"legal:{name}")).cookies


@pytest.mark.req("R120", "S32")
def test_the_retention_table_says_what_the_settings_say() -> None:
    with override_settings(RETENTION={**settings.RETENTION, "journal": timedelta(days=180)}):
        periods = {row.data: row.period for row in retention.list_retention_rows()}
    assert periods["Journal de sécurité"] == "180\u00a0jours"
    assert periods["Sauvegardes"] == "30\u00a0jours"


@pytest.mark.req("R120", "S32", "D62")
def test_each_period_of_the_table_is_its_setting() -> None:
    def is_shown() -> bool:
        return any("77\u00a0jours" in row.period for row in retention.list_retention_rows())

    assert not is_shown()
    for kind in ("journal", "mail_bodies", "pending_accounts", "ledger", "block_list", "backups"):
        with override_settings(RETENTION={**settings.RETENTION, kind: timedelta(days=77)}):
            assert is_shown(), kind


@pytest.mark.req("R120", "D17")
def test_the_delays_of_inactivity_in_the_table_are_those_of_the_lifecycle() -> None:
    rules = {**settings.LIFECYCLE_RULES, "idle_months": 18, "notice_days": 20, "grace_days": 10}
    with override_settings(LIFECYCLE_RULES=rules):
        (line,) = [row for row in retention.list_retention_rows() if row.data == "Compte et accès"]
    for text in ("18\u00a0mois", "20\u00a0jours", "10\u00a0jours"):
        assert text in line.period


@pytest.mark.req("R120", "S32")
def test_the_table_has_a_line_for_all_that_is_held_about_people() -> None:
    lines = [row.data for row in retention.list_retention_rows()]
    assert len(lines) == len(set(lines))
    assert {entry.kept.data for _, entry in list_entries()} <= set(lines)


def test_a_period_is_written_in_french() -> None:
    for period, text in (
        (timedelta(days=365), "12 mois"),
        (timedelta(days=1095), "3 ans"),
        (timedelta(days=60), "60 jours"),
        (timedelta(days=1), "1 jour"),
        (timedelta(hours=10), "10 heures"),
        (timedelta(hours=36), "36 heures"),
        (timedelta(minutes=90), "90 minutes"),
    ):
        assert format_period(period).replace("\u00a0", " ") == text


@pytest.mark.django_db
def test_the_portal_is_not_ready_without_terms_in_force() -> None:
    assert check_terms_in_force(NOW)[0] is False
    load_shipped_terms(NOW)
    assert check_terms_in_force(NOW) == (True, "fevrier-2025")
