"""The login page and what a completed login leaves behind."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.http import QueryDict
from django.test import Client

from accounts.entry.login import next_targets
from accounts.entry.models import FailureCounter, SessionRecord
from accounts.habilitations.platforms.models import ServiceRule
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.models import Detail, Entry
from mgestion.text.dates import end_of_paris_day
from tests.factories.people import (
    ADDRESS,
    NOW,
    PASSWORD,
    inside,
    letters,
    log_in,
    path_in,
    pending,
    person,
    settle,
)
from tests.rolled_back import rolled_back

pytestmark = pytest.mark.django_db
OWN = "http://127.0.0.1:8000/app/authenticate/automobile"
NEUTRAL = "L’adresse e-mail ou le mot de passe est incorrect."


@pytest.mark.req("R1", "R13", "R14", "R15", "R16", "S44")
def test_the_page_has_the_two_modules_and_exactly_two_inputs(client: Client) -> None:
    text = client.get("/cas/login").text
    assert "Vous avez déjà un compte\u202f?" in text
    assert "Vous n’avez pas de compte\u202f?" in text
    assert "M’inscrire" in text
    assert "E-mail / identifiant" in text
    visible = [
        part for part in text.split("<input")[1:] if 'type="hidden"' not in part.split(">")[0]
    ]
    assert len(visible) == 2
    assert 'name="username"' in visible[0]
    assert 'name="password"' in visible[1]
    assert 'autocomplete="current-password"' in visible[1]


def test_a_visitor_writes_nothing_and_gets_no_cookie_but_the_csrf_one(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/cas/login")
    assert set(response.cookies) == {"csrftoken"}
    assert not Session.objects.exists()
    assert "no-store" in response["Cache-Control"]


@pytest.mark.req("R16", "R28", "R8", "S20", "S13")
def test_the_right_password_opens_a_session_with_a_new_id(client: Client, now: Any) -> None:
    user = person()
    client.get("/cas/login")
    response = log_in(client, ADDRESS.upper())
    assert (response.status_code, response["Location"]) == (303, "/m-gestion/")
    cookie = response.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["max-age"]
    record = SessionRecord.objects.get()
    assert (record.user, record.session_key) == (user, cookie.value)
    assert (record.started_at, record.new_device, record.ip) == (now, True, "127.0.0.1")
    user.refresh_from_db()
    assert user.last_activity_at == user.clock_from == now


@pytest.mark.cas("A18")
@pytest.mark.req("S20")
def test_a_session_id_planted_before_the_login_is_not_kept(client: Client, now: Any) -> None:
    person()
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    log_in(client)
    assert client.cookies["sessionid"].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


@pytest.mark.req("S10")
def test_the_previous_login_is_shown_at_the_next_one(client: Client) -> None:
    person()
    with time_machine.travel(NOW, tick=False):
        log_in(client)
        assert "Dernière connexion" not in client.get("/compte/").text
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        log_in(client)
        text = client.get("/compte/").text
    assert "Dernière connexion\u00a0: mardi 17 mars 2026 à 10\u00a0h\u00a000" in text


@pytest.mark.req("S8")
@pytest.mark.parametrize("kind", ["unknown", "wrong", "pending"])
def test_a_failure_is_told_the_same_way_and_costs_the_same_statements(
    client: Client, kind: str, now: Any, django_assert_num_queries: Any
) -> None:
    if kind == "pending":
        pending()
    elif kind == "wrong":
        person()
    # The counts of account and network in a transaction, the look-up, the journal and its detail in
    # another one.
    with django_assert_num_queries(9):
        response = log_in(client, password="Tramway-Rouge-2026")
    assert response.status_code == 200
    text = response.text
    assert NEUTRAL in text
    assert "Tramway" not in text
    assert ADDRESS in text  # what was typed is kept
    assert FailureCounter.objects.get().failures == 1


@pytest.mark.req("D42")
def test_why_an_account_is_closed_is_told_after_the_right_password_only(
    client: Client, now: Any
) -> None:
    user = person()
    for status, said in (
        (Status.SUSPENDED, "Votre compte est suspendu"),
        (Status.DEACTIVATED_BY_ADMIN, "désactivé par un administrateur"),
    ):
        User.objects.filter(pk=user.pk).update(status=status)
        wrong = log_in(client, password="Tramway-Rouge-2026").text
        assert NEUTRAL in wrong and said not in wrong
        right = log_in(client)
        assert said in right.text
        assert right.status_code == 200 and not Session.objects.exists()


@pytest.mark.req("D21", "L7")
@pytest.mark.parametrize(("minutes", "revives"), [(-1, True), (0, False), (1, False), (None, True)])
def test_an_inactive_account_revives_by_a_login_until_the_end_of_the_last_day(
    client: Client, minutes: int | None, revives: bool
) -> None:
    last = end_of_paris_day(NOW.date())
    user = person(
        status=Status.DEACTIVATED_INACTIVE, revivable_until=last if minutes is not None else None
    )
    at = last + timedelta(minutes=minutes or 0)
    with time_machine.travel(at, tick=False):
        response = log_in(client)
    user.refresh_from_db()
    if revives:
        assert response.status_code == 303
        assert (user.status, user.clock_from, user.revivable_until) == (Status.ACTIVE, at, None)
        assert Entry.objects.filter(act="account.revived").count() == 1
    else:
        assert "le délai pour le réactiver est écoulé" in response.text
        assert user.status == Status.DEACTIVATED_INACTIVE


@pytest.mark.req("S25", "D29")
def test_logins_and_refusals_are_journaled_without_the_address(client: Client, now: Any) -> None:
    user = person()
    log_in(client, password="Tramway-Rouge-2026")
    log_in(client)
    refused, done = Entry.objects.filter(act__startswith="login.").order_by("id")
    assert (refused.act, refused.reason) == ("login.refused", "mismatch")
    assert (done.act, done.person, done.reason) == ("login.succeeded", user.public_id, "new_device")
    rows = [str(row) for row in Entry.objects.values()]
    assert not any("jeanne" in row or "127.0.0.1" in row for row in rows)
    assert Detail.objects.filter(person=user.public_id, data__ip="127.0.0.1").exists()


# --- where one was going -------------------------------------------------------------------------


@pytest.mark.req("R9", "S23")
def test_an_unknown_service_is_refused_before_any_password(client: Client, reference: None) -> None:
    def is_refused(response: Any) -> bool:
        return response.status_code == 403 and "Ce service n’est pas reconnu" in response.text

    for service in (
        "https://evil.example.net/",
        "http://127.0.0.1.evil.example/",
        "//evil.example.net",
        "javascript:alert(1)",
        "x",
    ):
        posted = {"service": service, "username": ADDRESS, "password": PASSWORD}
        assert is_refused(client.post("/cas/login", posted)), service
    for path in ("/cas/login", "/inscription/", "/mot-de-passe/oublie/"):
        assert is_refused(client.get(path, {"service": "https://evil.example.net/"})), path


@pytest.mark.req("R8", "R9", "R28")
def test_the_service_survives_the_whole_detour(
    client: Client, reference: None, terms: Any, now: Any
) -> None:
    page = client.get("/cas/login", {"service": OWN}).text
    assert f'name="service" value="{OWN}"' in page
    assert f"/inscription/?service={quote(OWN, safe='')}" in page
    client.post("/inscription/", {"email": ADDRESS, "email2": ADDRESS, "service": OWN})
    settle(now)
    (message,) = letters()
    values = {
        "password1": PASSWORD,
        "password2": PASSWORD,
        "terms": "on",
        "terms_version": str(terms.pk),
    }
    link = path_in(message, "/inscription/mot-de-passe/")
    with rolled_back():  # a platform that was closed meanwhile is forgotten on the way
        ServiceRule.objects.all().delete()
        assert client.post(link, values)["Location"] == "/cas/login"
    response = client.post(link, values)
    assert parse_qs(urlsplit(response["Location"]).query) == {"service": [OWN]}
    response = log_in(client, service=OWN)
    assert response["Location"] == "/app/authenticate/automobile"


@pytest.mark.cas("A17")
@pytest.mark.req("S23")
@pytest.mark.usefixtures("reference")
def test_an_unsafe_next_is_dropped_and_one_that_would_log_the_person_out(now: Any) -> None:
    person()
    for unsafe in (
        *("//evil.example.net/", "https://evil.example.net/", "/\\evil", "\t//evil"),
        *("javascript:x", "/cas/logout", "/cas/logout?service=https://contributions.example.org/"),
        *("/cas/%6Cogout", "/cas/x/../logout", "/cas/%2e/logout", "/admin/logout/"),
    ):
        asked = QueryDict(mutable=True)
        asked["next"] = unsafe
        assert not next_targets.parse_target(asked), unsafe
    for unsafe in ("//evil.example.net/", "/cas/logout"):
        assert log_in(Client(), next=unsafe)["Location"] == "/m-gestion/", unsafe
    assert "evil" not in Client().get("/cas/login", {"next": "/\\evil"}).text
    assert log_in(Client(), next="/compte/?a=b")["Location"] == "/compte/?a=b"
    client = Client()
    onward = log_in(client, next="/admin/login/?next=/cas/logout")["Location"]
    assert onward in ("/m-gestion/", "/admin/login/?next=/cas/logout")
    client.get(onward, follow=True)
    assert client.get("/compte/").status_code == 200


@pytest.mark.req("S18")
def test_the_administration_uses_the_one_login_page_and_an_agent_lands_there(
    client: Client, now: Any
) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/cas/login?next=%2Fadmin%2F")
    person(is_staff=True)  # without M-Gestion
    assert log_in(client)["Location"] == "/admin/"
    # No loop for somebody who is in already.
    response = client.get("/cas/login", {"next": "/admin/"})
    assert response.status_code == 200
    assert "Vous êtes connecté" in response.text


# --- the way out ---------------------------------------------------------------------------------


@pytest.mark.cas("A1")
@pytest.mark.req("S20")
def test_logging_out_kills_the_session_on_the_server_and_leads_nowhere_else(
    client: Client, reference: None, now: Any
) -> None:
    person()
    evil = {"service": "https://evil.example.net/", "url": "https://evil.example.net/"}
    for method in ("get", "post"):
        log_in(client)
        key = client.cookies["sessionid"].value
        response = getattr(client, method)("/cas/logout")
        assert "Vous êtes déconnecté" in response.text
        assert not Session.objects.filter(session_key=key).exists()
        assert SessionRecord.objects.get(session_key=key).end_reason == "logout"
        assert client.get("/compte/").status_code == 302
        again = getattr(client, method)("/cas/logout", evil)
        assert again.status_code == 200
        assert "evil" not in again.text


# --- limits of a session -------------------------------------------------------------------------


@pytest.mark.req("S20", "S47")
@pytest.mark.parametrize(
    ("after", "said"),
    [(timedelta(hours=2), "deux heures sans activité"), (timedelta(hours=10), "dix heures")],
)
def test_a_session_ends_after_two_idle_hours_and_after_ten_hours(
    client: Client, after: timedelta, said: str, now: Any
) -> None:
    person()
    log_in(client)
    step = timedelta(hours=1, minutes=30)
    at = NOW + step
    while after > timedelta(hours=2) and at < NOW + after:
        with time_machine.travel(at, tick=False):
            assert inside(client)
        at += step
    with time_machine.travel(NOW + after, tick=False):
        response = client.get("/compte/", follow=True)
    assert response.redirect_chain[-1][0] == "/cas/login?next=/compte/"
    assert said in response.text
    assert not Session.objects.exists()
    record = SessionRecord.objects.get()
    assert record.ended_at == NOW + after


@pytest.mark.req("S20")
def test_a_page_seen_within_five_minutes_writes_nothing_and_later_once(
    client: Client, now: Any, django_assert_num_queries: Any
) -> None:
    person()
    log_in(client)
    # The session, the person, the terms in force, the open sessions, those before, what waits.
    with django_assert_num_queries(6):
        client.get("/compte/")
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        client.get("/compte/")
        assert SessionRecord.objects.get().seen_at == NOW + timedelta(minutes=6)
        with django_assert_num_queries(6):
            client.get("/compte/")


@pytest.mark.req("S20")
def test_an_open_session_dies_with_what_it_rests_on_even_on_a_get(client: Client, now: Any) -> None:
    user = person()
    other = User()
    other.set_password("Autre-Tramway-2027")
    for how, changed in (
        ("epoch", {"session_epoch": 1}),
        ("status", {"status": Status.SUSPENDED}),
        ("password", {"password": other.password}),
    ):
        with rolled_back():
            log_in(client)
            User.objects.filter(pk=user.pk).update(**changed)
            response = client.get("/compte/", follow=True)
            assert "n’est plus valable" in response.text, how
            assert not Session.objects.exists(), how
            assert SessionRecord.objects.get().end_reason == "revoked", how


@pytest.mark.req("S24")
def test_a_post_without_its_csrf_token_is_refused(now: Any) -> None:
    strict, typed = Client(enforce_csrf_checks=True), {"username": ADDRESS, "password": PASSWORD}
    for path in (
        *("/cas/login", "/cas/logout", "/mot-de-passe/oublie/"),
        *("/inscription/", "/inscription/envoye/"),
    ):
        assert strict.post(path, typed).status_code == 403, path


def test_a_login_costs_the_same_after_other_sessions(
    client: Client, now: Any, django_assert_max_num_queries: Any
) -> None:
    user = person()
    for number in range(5):
        SessionRecord.objects.create(
            user=user, session_key=f"old-{number}", epoch=0, started_at=NOW, seen_at=NOW
        )
    client.get("/cas/login")
    with django_assert_max_num_queries(20):
        assert log_in(client).status_code == 303
