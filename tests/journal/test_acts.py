"""The staff read what the journal records in French."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.cas.acts import CasAct
from accounts.entry.acts import EntryAct
from accounts.habilitations.enums import StaffRole
from mgestion.journal import words
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.journal.models import Entry
from mgestion.journal.words import (
    format_detail,
    get_object_label,
    get_reason_label,
)
from registrations.requests.enums import RegistrationAct, RequestAct
from tests.factories.habilitations import make_staff


def test_a_detail_is_read_line_by_line_in_french() -> None:
    said = {
        "ip": "192.0.2.1",
        "factor": "application",
        "before": {"last_name": "Martin", "phone": ""},
        "fields": ["siret"],
        "unheard_of": 3,
        "new": None,
    }
    assert format_detail(said) == [
        "adresse IP\u00a0: 192.0.2.1",
        "double authentification\u00a0: application de codes",
        "avant\u00a0: nom\u00a0: Martin",
        "champs corrigés\u00a0: SIRET",
        "unheard_of\u00a0: 3",
    ]
    assert get_object_label("servicerule") != "servicerule"
    assert get_object_label("blocked_person") == "adresse bloquée"


def test_every_family_has_a_name_and_each_act_its_own() -> None:
    assert {
        words.get_family(act) for act in words.get_act_labels()
    } == words.get_family_labels().keys()
    assert len(set(words.get_act_labels().values())) == len(words.get_act_labels())


def test_an_act_that_is_no_longer_recorded_is_shown_by_its_code() -> None:
    assert words.get_act_label("request.forgotten") == "request.forgotten"


def test_the_history_of_a_request_is_in_the_journal_by_the_same_words() -> None:
    journaled = {act: RegistrationAct(f"request.{act}").label for act in RequestAct}
    assert journaled == {act: act.label for act in RequestAct}


@pytest.mark.django_db
def test_the_list_says_it_in_french_and_is_filtered_by_act_and_person(client: Client) -> None:
    client.force_login(make_staff(StaffRole.AUDITOR))
    person, now = uuid4(), datetime(2026, 3, 17, 9, 0, tzinfo=UTC)
    actor = Actor.system("tests")
    write_journal_entry(
        CasAct.PLATFORM_REFUSED, actor=actor, person=person, object_id="une", now=now
    )
    write_journal_entry(
        EntryAct.LOGIN_REFUSED,
        actor=actor,
        person=uuid4(),
        object_id="autre",
        reason="mismatch",
        now=now,
    )
    url = reverse("admin:journal_entry_changelist")
    page = client.get(url).content.decode()
    assert CasAct.PLATFORM_REFUSED.label in page
    assert "platform.refused" not in page
    assert get_reason_label("login.refused", "mismatch") in page and "mismatch" not in page
    for query in (
        {"acte": "platform.refused"},
        {"domaine": "platform", "acte": "platform.refused"},
        {"q": str(person)},
        {"q": "platform.refused"},
    ):
        page = client.get(url, query).content.decode()
        assert ">une<" in page, query
        assert ">autre<" not in page, query
    assert client.get(url, {"q": "pas un identifiant"}).status_code == 200
    entry = reverse("admin:journal_entry_change", args=[Entry.objects.order_by("-id")[0].pk])
    assert "login.refused" in client.get(entry).content.decode()  # the code stays in the detail
