"""The journal as a file: within the filters, safe in a spreadsheet, journaled itself."""

import csv
import io
from collections.abc import Iterator
from typing import Any, cast
from uuid import uuid4

import pytest
from django.test import Client

from accounts.entry.acts import EntryAct
from accounts.habilitations.enums import StaffRole
from mgestion.journal import export
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.journal.models import Detail, Entry
from registrations.requests.enums import RegistrationAct
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_request

pytestmark = pytest.mark.django_db
LIST = "/admin/journal/entry/"
EXPORT = f"{LIST}exporter/"
SYSTEM = Actor.system("tests")


@pytest.fixture
def auditor() -> Client:
    return client_of(make_staff(StaffRole.AUDITOR))


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.post(EXPORT, {"filters": query})
    assert answer.status_code == 200
    text = b"".join(cast("Iterator[bytes]", cast("Any", answer).streaming_content)).decode()
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


def write(act: Any = EntryAct.LOGIN_SUCCEEDED, **said: Any) -> Entry:
    return write_journal_entry(act, **{"actor": SYSTEM, "now": NOW, **said})


def test_the_file_holds_what_the_page_shows_and_no_detail(auditor: Client) -> None:
    person = make_user(first_name="Zélie", last_name="Exemple")
    write(person=person.public_id, detail={"ip": "192.0.2.7"})
    write(EntryAct.PASSWORD_CHANGED, person=person.public_id)
    [line] = rows(auditor, "acte=login.succeeded")
    assert line["Personne concernée"] == "Zélie Exemple"
    assert line["Identifiant de la personne"] == str(person.public_id)
    assert line["Le (heure de Paris)"].startswith("17/03/2026")
    assert "192.0.2.7" not in str(line)


def test_the_export_is_a_line_of_the_journal_without_the_name_that_was_sought(
    auditor: Client,
) -> None:
    make_user(first_name="Zélie")
    write()
    rows(auditor, "domaine=login&q=zelie")
    line = Entry.objects.get(act="journal.exported")
    assert line.actor_kind == "staff"
    told = Detail.objects.get(entry=line).data
    assert told == {"filters": {"domaine": "login", "recherche": "oui"}, "entries": 0}


@pytest.mark.both
def test_the_file_is_whole_over_several_chunks_and_ends_where_it_began(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 2)
    kept = [write(object_id=str(number)).pk for number in range(5)]
    found = rows(auditor)
    assert [line["Identifiant de l’objet"] for line in found] == ["4", "3", "2", "1", "0"]
    assert len(kept) == 5


def test_too_many_lines_export_nothing_and_say_how_to_go_on(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST", 1)
    write()
    write()
    answer = auditor.post(EXPORT, {"filters": "domaine=login"}, follow=True)
    assert answer.redirect_chain == [(f"{LIST}?domaine=login", 302)]
    assert "rien n’est exporté" in answer.text
    assert not Entry.objects.filter(act="journal.exported").exists()


def test_a_cell_is_never_a_formula(auditor: Client) -> None:
    write(object_type="job", object_id="=HYPERLINK(1)")
    [line] = rows(auditor)
    assert line["Identifiant de l’objet"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("query", ["o=x", "at__gte=hier", "p=zz", "inconnu=1", "q=%ff"])
def test_filters_that_mean_nothing_are_no_fault(auditor: Client, query: str) -> None:
    assert auditor.post(EXPORT, {"filters": query}).status_code in (200, 302)


@pytest.mark.both
def test_lines_are_found_by_reference_name_address_and_exact_code(
    reference: None, auditor: Client
) -> None:
    person = make_user(first_name="Zélie", last_name="Exemple")
    item = make_request(user=person)
    write(
        RegistrationAct.REQUEST_REFUSED,
        person=person.public_id,
        object_type="request",
        object_id=str(item.pk),
    )
    write(person=uuid4())
    for text in (item.reference, "zelie", person.email, item.siret, str(person.public_id)):
        found = auditor.get(LIST, {"q": text}).context["cl"].result_list
        assert [line.act for line in found] == ["request.refused"], text
    assert auditor.get(LIST, {"q": "login.succeeded"}).context["cl"].result_count == 1
    assert auditor.get(LIST, {"q": "personne de ce nom"}).context["cl"].result_count == 0
