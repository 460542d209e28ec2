"""The journal keeps opaque ids and codes; its page names who is behind them, at one cost."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.entry.acts import EntryAct
from accounts.habilitations.enums import StaffRole
from mgestion.journal import naming
from mgestion.journal.actors import ANONYMOUS, Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.journal.words import get_reason_label
from registrations.requests.enums import RegistrationAct
from registrations.requests.models import RefusalReason
from tests.factories.habilitations import make_staff, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
LIST = "admin:journal_entry_changelist"


def refusal(code: str, label: str) -> RefusalReason:
    return RefusalReason.objects.create(code=code, label=label, text="Texte.")


def refuse(actor: Actor, reason: str, person: Any = None) -> Any:
    return write_journal_entry(
        RegistrationAct.REQUEST_REFUSED,
        actor=actor,
        person=person,
        object_type="request",
        object_id=str(uuid4()),
        reason=reason,
        now=NOW,
    )


@pytest.fixture
def auditor(client: Client) -> Client:
    client.force_login(make_staff(StaffRole.AUDITOR))
    return client


def test_a_reason_that_staff_added_is_read_by_its_label(auditor: Client) -> None:
    refusal("motif-maison", "Convention absente")
    entry = refuse(Actor.system("registrations"), "motif-maison")
    page = auditor.get(reverse(LIST)).text
    assert "Convention absente" in page
    assert "motif-maison" not in page
    page = auditor.get(reverse("admin:journal_entry_change", args=[entry.pk])).text
    assert "Convention absente" in page and "motif-maison" in page  # the code, to search by
    assert get_reason_label("request.refused", "motif-maison") == "Convention absente"


def test_a_reason_whose_row_is_gone_keeps_its_code() -> None:
    assert get_reason_label("request.refused", "jamais-vu") == "jamais-vu"
    assert get_reason_label("login.refused", "jamais-vu") == "jamais-vu"


def test_people_are_named_while_their_account_exists(auditor: Client) -> None:
    agent, person = make_staff("national"), make_user(first_name="Zélie", last_name="Exemple")
    refuse(Actor.staff(agent), "autre", person.public_id)
    page = auditor.get(reverse(LIST)).text
    assert f"{agent} (agent)" in page
    assert "Zélie Exemple" in page
    gone = person.public_id
    person.delete()
    page = auditor.get(reverse(LIST)).text
    assert "Zélie" not in page
    assert f"un compte supprimé ({str(gone)[:8]})" in page


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        (Actor.system("lifecycle"), "portail (cycle de vie)"),
        (Actor.system("unheard.of"), "portail (unheard.of)"),
        (Actor.platform("m-tutorat"), "plateforme (m-tutorat)"),
        (ANONYMOUS, "visiteur"),
    ],
)
def test_who_acts_and_is_nobody_is_called_by_what_it_is(actor: Actor, said: str) -> None:
    entry = write_journal_entry(EntryAct.LOGIN_REFUSED, actor=actor, now=NOW)
    assert naming.find_entry_names([entry]).author(entry) == said


def test_a_page_of_six_costs_what_a_page_of_one_does(
    auditor: Client, django_assert_max_num_queries: Any
) -> None:
    refusal("motif-maison", "Convention absente")
    refuse(Actor.staff(make_staff("national")), "motif-maison", make_user().public_id)
    with django_assert_max_num_queries(100) as one:
        auditor.get(reverse(LIST))
    for _ in range(5):
        refuse(Actor.staff(make_staff("national")), "motif-maison", make_user().public_id)
    with django_assert_max_num_queries(len(one)):
        auditor.get(reverse(LIST))
