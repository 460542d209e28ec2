"""What staff type in any form of the administration is not lost with their session."""

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation
from accounts.legal.models import TermsRequest, TermsVersion
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.models import Hold
from registrations.requests.models import RefusalReason
from tests.factories.habilitations import NOW, make_staff, make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
    pytest.mark.req("S45", "S47"),
]
AGAIN = "Votre saisie est remise ci-dessous"
WAITING = "Votre saisie est gardée un quart d’heure"
TEXT = "Le mandat ne porte pas de date, ni de signature. " * 20


@pytest.fixture
def agent() -> User:
    user = make_user(email="ada.fictive@opco.example.org")
    make_staff(StaffRole.NATIONAL, user=user)
    return user


def log_in(client: Client, user: User) -> None:
    client.force_login(user, backend="accounts.entry.login.backends.PasswordBackend")


def lose(client: Client, agent: User, page: str, **fields: str) -> None:
    """Posts a form whose session is over."""
    response = client.post(page, {"person": str(agent.public_id), **fields})
    assert response.status_code == 302
    away = str(response["Location"])
    assert away == f"/cas/login?next={page}"
    assert WAITING in unescape(client.get(away).content.decode())


def read(client: Client, page: str) -> str:
    return unescape(client.get(page).content.decode())


def test_an_answer_and_a_reason_are_there_after_the_login(
    client: Client, clock: object, agent: User
) -> None:
    asked = TermsRequest.objects.create(
        email="zoe@garage.example.org",
        email_key="zoe@garage.example.org",
        asked="2019",
        created_at=NOW,
    )
    account = make_user(status=Status.ACTIVE)
    answer = reverse("admin:legal_termsrequest_answer", args=[asked.pk])
    hold = reverse("admin:lifecycle_account_act", args=[account.public_id, "desactiver"])
    for page, name in ((answer, "text"), (hold, "note")):
        lose(client, agent, page, **{name: TEXT})
        log_in(client, agent)
        shown = read(client, page)
        assert AGAIN in shown and TEXT.strip() in shown
        assert f'name="person" value="{agent.public_id}"' in shown
        client.logout()
    asked.refresh_from_db()
    assert asked.answered_at is None and not Hold.objects.exists()


def test_a_row_of_a_table_keeps_what_was_typed_and_what_was_read(
    client: Client, clock: object, agent: User
) -> None:
    """The draft of new terms, and a reason that a colleague changed meanwhile."""
    page = reverse("admin:legal_termsversion_add")
    body = "<p>Un article long.</p>\n" * 400
    lose(client, agent, page, slug="essai", label="Version d’essai", body=body)
    log_in(client, agent)
    shown = read(client, page)
    assert AGAIN in shown and 'value="Version d’essai"' in shown
    assert shown.count("Un article long.") == 400  # as a text without tags, which means the same
    assert not TermsVersion.objects.filter(slug="essai").exists()

    row = RefusalReason.objects.create(code="essai", label="Essai", text="Avant.")
    page = reverse("admin:registrations_refusalreason_change", args=[row.pk])
    state = read(client, page).partition('name="row_state" value="')[2].partition('"')[0]
    client.logout()
    RefusalReason.objects.filter(pk=row.pk).update(text="Le texte du collègue.")
    lose(client, agent, page, row_state=state, label="Essai", text=TEXT, enabled="on")
    log_in(client, agent)
    shown = read(client, page)
    assert AGAIN in shown and TEXT.strip() in shown
    assert "«\u00a0Le texte du collègue.\u00a0», que votre saisie" in shown
    row.refresh_from_db()
    assert row.text == "Le texte du collègue."


def test_it_is_forgotten_once_it_is_sent(client: Client, clock: object, agent: User) -> None:
    row = Delegation.objects.order_by("pk")[0]
    page = reverse("admin:habilitations_delegation_change", args=[row.pk])
    lose(client, agent, page, name="Nom perdu")
    log_in(client, agent)
    assert "Nom perdu" in read(client, page)
    client.post(page, {"person": str(agent.public_id), "name": ""})
    assert "Nom perdu" not in read(client, page)
    row.refresh_from_db()
    assert row.name != "Nom perdu"


def test_nobody_else_nor_later_nor_another_page_shows_it(
    clock: time_machine.Traveller, agent: User
) -> None:
    first, second = Delegation.objects.order_by("pk")[:2]
    url = "admin:habilitations_delegation_change"
    other = make_staff(StaffRole.NATIONAL)
    for who, row, pause in (
        (other, first, timedelta(0)),
        (agent, second, timedelta(0)),
        (agent, first, timedelta(minutes=16)),
    ):
        client = Client()
        lose(client, agent, reverse(url, args=[first.pk]), name="Nom perdu")
        clock.shift(pause)
        log_in(client, who)
        shown = read(client, reverse(url, args=[row.pk]))
        assert AGAIN not in shown and "Nom perdu" not in shown


def test_an_address_to_block_is_kept_nowhere(client: Client, clock: object, agent: User) -> None:
    page = reverse("admin:accounts_blockedperson_add")
    client.post(page, {"person": str(agent.public_id), "address": "bruno@garage.example.org"})
    log_in(client, agent)
    assert "bruno@garage" not in read(client, page)


def test_what_is_too_long_or_without_a_token_writes_no_session(clock: object, agent: User) -> None:
    page = reverse("admin:legal_termsversion_add")
    posted = {"person": str(agent.public_id), "body": "é" * 200_001}
    assert Client().post(page, posted)["Location"] == f"/cas/login?next={page}"
    strange = Client(enforce_csrf_checks=True).post(page, {**posted, "body": "x"})
    assert strange.status_code == 403
    assert not Session.objects.exists()


def test_a_form_whose_token_another_tab_renewed_is_given_back(clock: object, agent: User) -> None:
    client = Client(enforce_csrf_checks=True)
    log_in(client, agent)
    page = reverse("admin:legal_termsversion_add")
    response = client.post(page, {"person": str(agent.public_id), "body": TEXT})
    assert response.status_code == 302 and response["Location"] == page
    assert TEXT.strip() in read(client, page)
