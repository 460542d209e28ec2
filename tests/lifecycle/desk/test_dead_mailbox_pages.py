"""The pages of a dead mailbox: what is offered, the second agent, the home page (D71)."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.people.models import User
from lifecycle.models import Hold, LifecycleCase, StaffProposal
from lifecycle.rules import dead_mailboxes
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_staff
from tests.lifecycle.desk.test_admin import account, act
from tests.lifecycle.people import dead_closure, dead_notice
from tests.lifecycle.world import Server, at, deliver, tick

pytestmark = [pytest.mark.django_db, pytest.mark.req("D71")]
NOW = at("2026-03-16 10:00")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clients(db: None) -> tuple[Client, Client]:
    """Two national administrators."""
    found = (Client(), Client())
    for one in found:
        one.force_login(make_staff(StaffRole.NATIONAL))
    return found


def text(response: Any) -> str:
    return str(response.content.decode())


def said(client: Client, response: Any) -> str:
    """The page that the answer leads to."""
    return text(client.get(response["Location"]))


def decide(proposal: StaffProposal) -> str:
    return reverse("admin:lifecycle_proposal_decide", args=[proposal.pk])


def test_the_home_page_counts_and_leads_to_them(clients: tuple[Client, Client]) -> None:
    client = clients[0]
    assert "Comptes en attente" not in text(client.get("/admin/"))
    user = dead_notice()
    page = text(client.get("/admin/"))
    assert "<b>1</b> E-mails impossibles à remettre" in page
    listed = "/admin/lifecycle/hold/?released_at__isnull=True&amp;reason__exact=undeliverable"
    assert listed in page
    assert account(user) in text(client.get(listed.replace("&amp;", "&")))
    auditor = Client()
    auditor.force_login(make_staff(StaffRole.AUDITOR))
    assert "Comptes en attente" not in text(auditor.get("/admin/"))


def test_the_account_offers_the_ways_out_and_no_others(clients: tuple[Client, Client]) -> None:
    user = dead_notice()
    page = text(clients[0].get(account(user)))
    for label in ("Prévenir par lettre", "Corriger l’adresse", "Effacer le compte"):
        assert label in page
    assert "E-mail revenu non distribué" not in page
    Hold.objects.all().delete()
    Server.mode = "up"
    page = text(clients[0].get(account(user)))
    assert "Prévenir par lettre" not in page and "Effacer le compte" not in page


def test_a_letter_is_recorded_from_a_page_that_says_what_to_write(
    clients: tuple[Client, Client],
) -> None:
    user = dead_closure()
    page = act(user, "lettre")
    shown = text(clients[0].get(page))
    assert "samedi 21 mars 2026" in shown  # 16 + 5
    assert "dimanche 5 avril 2026 inclus" in shown  # and 15 days
    refused = clients[0].post(page, {"posted_on": "2026-03-01"})
    assert refused.status_code == 200
    assert "mercredi 11 mars 2026" in text(refused) and "2026-03-01" in text(refused)
    done = clients[0].post(page, {"posted_on": "2026-03-16"})
    assert "Lettre enregistrée" in said(clients[0], done)
    case = LifecycleCase.objects.get(user=user)
    assert str(case.deletion_last_day) == "2026-04-05"


def test_a_second_agent_confirms_an_erasure(clients: tuple[Client, Client]) -> None:
    user = dead_closure()
    first, second = clients
    page = act(user, "effacer")
    incomplete = first.post(page, {"reason": "asked", "note": "courrier du 9"})
    assert "Indiquez comment et quand" in text(incomplete)
    assert "courrier du 9" in text(incomplete)
    early = first.post(page, {"reason": "letter"})
    assert "Aucune lettre" in text(early)
    answer = {"reason": "asked", "channel": "letter", "received_on": "2026-03-09"}
    assert "second agent" in said(first, first.post(page, answer))
    proposal = StaffProposal.objects.get()
    mine = text(first.get(decide(proposal)))
    assert "un autre administrateur national doit le confirmer" in mine
    assert 'name="confirm"' not in mine
    refused = first.post(decide(proposal), {"confirm": "1"})
    assert "Un autre agent doit confirmer" in said(first, refused)
    assert "<b>1</b> Actes à confirmer" in text(second.get("/admin/"))
    theirs = text(second.get(decide(proposal)))
    assert "lundi 9 mars 2026" in theirs and 'name="confirm"' in theirs
    assert User.objects.filter(pk=user.pk).exists()  # a GET does nothing
    done = second.post(decide(proposal), {"confirm": "1"})
    assert "Le compte est effacé" in said(second, done)
    assert not User.objects.filter(pk=user.pk).exists()


def test_another_address_follows_the_rules_of_the_sign_up(clients: tuple[Client, Client]) -> None:
    user = dead_notice()
    first, second = clients
    page = act(user, "adresse")
    answer = {"channel": "letter", "received_on": "2026-03-13", "note": ""}
    generic = {"email": "contact@garage.example.org", "email2": "contact@garage.example.org"}
    refused = text(first.post(page, {**answer, **generic}))
    assert "contact@garage.example.org" in refused and not StaffProposal.objects.exists()
    named = {
        "email": "jeanne.neuve@garage.example.org",
        "email2": "jeanne.neuve@garage.example.org",
    }
    first.post(page, {**answer, **named})
    proposal = StaffProposal.objects.get()
    shown = text(second.get(decide(proposal)))
    assert user.email in shown and "jeanne.neuve@garage.example.org" in shown
    second.post(decide(proposal), {"confirm": "1"})
    assert User.objects.get(pk=user.pk).email == "jeanne.neuve@garage.example.org"
    assert not dead_mailboxes.is_held_for_mail(user)


def test_the_list_of_letters_that_are_over(clients: tuple[Client, Client]) -> None:
    user = dead_closure()
    clients[0].post(act(user, "lettre"), {"posted_on": "2026-03-16"})
    with time_machine.travel(at("2026-04-06 10:00"), tick=False):
        tick(at("2026-04-06 10:00"))
        client = Client()  # the other sessions are over by then
        client.force_login(make_staff(StaffRole.NATIONAL))
        assert "<b>1</b> Lettres dont le délai est passé" in text(client.get("/admin/"))
        page = text(client.get("/admin/lifecycle/lifecyclecase/?lettre=echue"))
        assert account(user) in page
        panel = text(client.get(account(user)))
        assert "deux agents doivent confirmer l’effacement" in panel


def test_the_monthly_mail_counts_them(clients: tuple[Client, Client]) -> None:
    from lifecycle.desk import review_flows

    dead_notice()
    Mail.objects.filter(kind="lifecycle.waiting").delete()
    review_flows.queue_review_mails(NOW)
    Server.mode = "up"
    deliver(NOW)
    bodies = [str(mail.body) for mail in Server.accepted]
    assert any("Comptes en attente d’un agent\u00a0: 1" in body for body in bodies)


def test_an_agent_holds_no_procedure_for_a_reason_of_the_portal(
    clients: tuple[Client, Client],
) -> None:
    user = dead_notice()
    Hold.objects.all().delete()
    page = text(clients[0].get(act(user, "retenir")))
    assert "undeliverable" not in page and "switched_off" not in page and "legal" in page
