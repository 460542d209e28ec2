"""What national administrators may do to somebody's ways in (S19, S20)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.entry.models import FailureCounter
from accounts.entry.second_factor import factors
from accounts.people.models import User
from mgestion.journal.models import Entry
from tests.factories.factors import give_factor
from tests.factories.habilitations import make_staff
from tests.factories.people import ADDRESS, NOW, inside, letters, log_in, mailed_path, settle
from tests.test_permissions import BACKEND

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "now")]


def agent(role: str = "national") -> tuple[Client, User]:
    client, user = Client(), make_staff(role)
    client.force_login(user, backend=BACKEND)
    return client, user


def act(client: Client, user: User, word: str, note: str = "Appel du 17 mars") -> Any:
    path = reverse("admin:entry_account_act", args=[user.public_id, word])
    return client.post(path, {"note": note})


def panel(client: Client, user: User) -> str:
    return client.get(reverse("admin:accounts_user_change", args=[user.pk])).text


@pytest.mark.req("S20")
def test_ending_a_persons_sessions_is_journaled_with_its_reason(user: User, owner: Client) -> None:
    desk, national = agent()
    assert "Sessions ouvertes\u00a0: 1" in panel(desk, user).replace("&nbsp;", "\u00a0")
    page = desk.get(reverse("admin:entry_account_act", args=[user.public_id, "sessions"]))
    assert "déconnectée partout" in page.text
    assert act(desk, user, "sessions", note="").status_code == 200  # a reason is needed
    assert inside(owner)
    assert act(desk, user, "sessions").status_code == 302
    assert owner.get("/compte/").status_code == 302
    entry = Entry.objects.get(act="sessions.ended")
    assert (entry.actor_kind, entry.actor) == ("staff", str(national.public_id))
    assert entry.person == user.public_id
    assert entry.detail.data == {"note": "Appel du 17 mars"}


@pytest.mark.req("S19")
def test_a_lost_factor_is_taken_away_from_the_desk(user: User) -> None:
    give_factor(user)
    desk, _ = agent()
    assert "second-facteur" in panel(desk, user)
    act(desk, user, "second-facteur")
    assert not factors.has_factor(user)
    assert "/second-facteur/" not in panel(desk, user)
    act(desk, user, "second-facteur")
    assert Entry.objects.filter(act="factor.reset").count() == 1


@pytest.mark.req("S19")
def test_staff_start_a_reset_and_never_set_a_password(user: User, client: Client) -> None:
    desk, _ = agent()
    act(desk, user, "mot-de-passe")
    settle(NOW)
    (message,) = letters("entry.reset")
    assert message.to == ADDRESS
    assert Entry.objects.filter(act="password.reset_sent", person=user.public_id).exists()


@pytest.mark.req("D57")
def test_the_unlock_mail_is_sent_again(user: User, client: Client, settings: Any) -> None:
    desk, _ = agent()
    assert "/deverrouillage/" not in panel(desk, user)
    log_in(client, password="Tramway-Rouge-2026")
    FailureCounter.objects.update(failures=settings.LOGIN_MAX_FAILURES)
    assert "/deverrouillage/" in panel(desk, user)
    act(desk, user, "deverrouillage")
    settle()
    Client().post(mailed_path("entry.unlock", "/deverrouillage/"))
    assert not FailureCounter.objects.exists()


@pytest.mark.req("S22")
def test_others_may_not(user: User) -> None:
    give_factor(user)
    for role in ("reviewer", "auditor"):
        desk, _ = agent(role)
        for word in ("sessions", "mot-de-passe", "second-facteur", "deverrouillage"):
            assert act(desk, user, word).status_code == 403, (role, word)
    assert factors.has_factor(user)
