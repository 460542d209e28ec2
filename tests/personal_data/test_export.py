"""What a person is shown is what an erasure would find (R121, S34)."""

import json
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import UUIDField
from django.test import Client

from accounts.erasure import people_of
from accounts.models import User
from accounts.profile import export
from mgestion.journal.models import Entry
from mgestion.personal_data import entries
from tests.factories.people import NOW, log_in, person
from tests.personal_data.rich import FIRST_NAME, LAST_NAME, PASSWORDS, Rich

pytestmark = pytest.mark.django_db
PAGE = "/compte/mes-donnees/"


@pytest.mark.req("R121", "S34")
def test_the_export_has_a_line_for_every_row_that_an_erasure_would_find(rich: Rich) -> None:
    people = people_of([rich.user])
    shown = {section.name: len(section.rows) for section in export.sections(rich.user)}
    held = {name: entry.rows(people).count() for name, entry in entries()}
    assert shown == {name: count for name, count in held.items() if count}
    assert len(shown) > 30


@pytest.mark.req("R121", "S34")
def test_the_export_counts_what_the_columns_say_one_by_one(rich: Rich) -> None:
    """Apart from the entries' own queries: each key and each opaque id, looked up by hand."""
    counted = 0
    for name, entry in entries():
        lines = len(entry.export(people_of([rich.user])))
        for path in entry.columns:
            model_name, _, field_name = path.rpartition(".")
            model: Any = apps.get_model(model_name)
            field = model._meta.get_field(field_name)
            if field.remote_field is not None and field.remote_field.model is User:
                rows = model.objects.filter(**{field_name: rich.user})
            elif isinstance(field, UUIDField) and field_name not in ("subject_id", "public_id"):
                rows = model.objects.filter(**{field_name: rich.user.public_id})
            else:
                continue
            own_acts = {"registrations.acted": "request__user", "journal.acts": "person"}
            if name in own_acts:  # on oneself: shown with one's own rows
                rows = rows.exclude(**{own_acts[name]: rich.user})
            assert lines >= rows.count(), path
            counted += rows.count()
    assert counted > 40


@pytest.mark.req("R121", "S34", "S56")
def test_the_document_is_readable_and_tells_no_secret_and_nobody_else(rich: Rich) -> None:
    document = export.collect(rich.user, rich.end)
    text = json.dumps(document, ensure_ascii=False)
    for said in (LAST_NAME, FIRST_NAME, rich.user.email, "mardi 17 mars 2026"):
        assert said in text
    for unsaid in (rich.user.password, rich.agent.email, rich.administrator.email, "clef"):
        assert unsaid not in text
    for section in document["rubriques"]:
        assert all(section["lignes"])
        for line in section["lignes"]:
            for label in line:
                assert label[0].isupper(), label
                assert "_" not in label, label


def log_in_now(client: Client, rich: Rich) -> None:
    User.objects.filter(pk=rich.user.pk).update(status="active", is_staff=False)
    Authenticator.objects.filter(user=rich.user).delete()
    assert log_in(client, rich.user.email, PASSWORDS[1]).status_code == 303


@pytest.mark.req("R121", "S34")
def test_the_page_and_the_file_show_it_to_the_person(rich: Rich, client: Client) -> None:
    with time_machine.travel(rich.end, tick=False):
        log_in_now(client, rich)
        page = client.get(PAGE)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        for said in ("Vos demandes d’accès", LAST_NAME, "Inscriptions reçues"):
            assert said in page.content.decode()
        file = client.post(PAGE)
    assert file.status_code == 200
    assert file["Content-Disposition"] == 'attachment; filename="mes-donnees-2026-03-17.json"'
    document = json.loads(file.content)
    assert len(document["rubriques"]) > 20
    assert Entry.objects.filter(act="data.exported", person=rich.user.public_id).count() == 1


@pytest.mark.req("R121", "S16")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_borrowed_screen_shows_nothing(client: Client, method: str) -> None:
    someone = person(last_name=LAST_NAME)
    with time_machine.travel(NOW, tick=False) as clock:
        log_in(client, someone.email)
        clock.shift(3600)
        answer = getattr(client, method)(PAGE)
        if method == "post":
            assert (answer.status_code, answer["Location"]) == (303, PAGE)
            answer = client.get(PAGE)
        assert answer.status_code == 303
        assert answer["Location"].startswith("/compte/second-facteur/verification/?next=")
    assert not Entry.objects.filter(act="data.exported").exists()


def test_the_export_costs_about_a_statement_an_entry_however_long_the_life(
    rich: Rich, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(len(entries()) + 10):
        export.sections(rich.user)
