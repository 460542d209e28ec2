"""Whoever was told that the account would go is told at the login that it stays (R96, R100)."""

from datetime import datetime

import pytest
import time_machine
from django.test import Client

from lifecycle.engine.login_remarks import REASSURED
from tests.factories.people import PASSWORD, person
from tests.factories.people import log_in as log_in_by_the_page
from tests.lifecycle.people import notified
from tests.lifecycle.world import at, status_of, ticks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
REVIVED = "votre connexion l’a réactivé"


def _said(address: str, now: datetime) -> str:
    """What the page after a login says."""
    client = Client()
    with time_machine.travel(now, tick=False):
        log_in_by_the_page(client, address, PASSWORD)
        return client.get("/m-gestion/", follow=True).text


def test_a_login_under_notice_says_that_the_procedure_is_over() -> None:
    user = notified(person(now=at("2024-03-10")))
    assert status_of(user.pk) == "notified"
    html = _said(user.email, at("2026-03-20"))
    assert REASSURED in html and REVIVED not in html
    # Once: the next login is an ordinary one.
    assert REASSURED not in _said(user.email, at("2026-03-21"))


@pytest.mark.req("R100")
def test_a_login_that_revives_says_so_and_that_the_accesses_are_back() -> None:
    user = notified(person(now=at("2024-03-10")))
    ticks("2026-03-27 09:00", "2026-03-27 10:00")
    assert status_of(user.pk) == "deactivated_inactive"
    html = _said(user.email, at("2026-04-02"))
    assert REVIVED in html and "ne sera pas supprimé" in html and "mêmes rôles" in html
    assert REASSURED not in html


def test_who_was_told_nothing_is_told_nothing() -> None:
    user = person(now=at("2024-03-10"))
    html = _said(user.email, at("2026-05-20"))  # away for long, but no notice has left
    assert REASSURED not in html and REVIVED not in html
