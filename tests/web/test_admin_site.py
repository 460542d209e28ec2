"""The staff's site has no login nor logout of its own."""

import pytest
from django.test import Client

from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from registrations.requests.enums import RegistrationAct
from tests.factories.accounts import NOW, make_newcomer

pytestmark = pytest.mark.django_db


def as_administrator(client: Client) -> None:
    client.force_login(make_newcomer(is_staff=True, is_superuser=True))


@pytest.mark.parametrize("path", ["/admin/", "/admin/journal/entry/"])
def test_a_stranger_is_led_to_the_one_login_page_and_back(client: Client, path: str) -> None:
    response = client.get(path, follow=True)
    last = response.redirect_chain[-1][0]
    assert last.startswith("/cas/login?next=")
    assert path.replace("/", "%2F") in last or path in last


def test_a_way_back_to_another_site_is_dropped(client: Client) -> None:
    response = client.get("/admin/login/?next=//evil.example.org/")
    assert response["Location"] == "/cas/login?next=%2Fadmin%2F"


def test_a_person_who_is_not_staff_is_told_so_and_not_sent_round(client: Client) -> None:
    client.force_login(make_newcomer())
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert len(response.redirect_chain) == 1


def test_staff_who_are_connected_already_pass_the_login_page(client: Client) -> None:
    as_administrator(client)
    response = client.get("/admin/login/?next=/admin/journal/entry/")
    assert response["Location"] == "/admin/journal/entry/"


def test_logging_out_is_the_portals_own_and_stays_a_post(client: Client) -> None:
    as_administrator(client)
    response = client.post("/admin/logout/")
    assert (response.status_code, response["Location"]) == (307, "/cas/logout")


def test_the_journal_is_read_and_not_edited(client: Client) -> None:
    as_administrator(client)
    actor = Actor.system("tests")
    entry = write_journal_entry(
        RegistrationAct.REQUEST_APPROVED, actor=actor, detail={"before": "hier"}, now=NOW
    )
    listed = client.get("/admin/journal/entry/?domaine=request")
    assert listed.status_code == 200
    assert "request.approved" in listed.content.decode()
    shown = client.get(f"/admin/journal/entry/{entry.pk}/change/")
    page = shown.content.decode()
    assert "hier" in page and "before" not in page
    assert (
        client.post(f"/admin/journal/entry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    )
    assert client.get("/admin/journal/entry/add/").status_code == 403
