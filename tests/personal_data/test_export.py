"""What a person is shown is what an erasure would find (R121, S34)."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import UUIDField
from django.test import Client

from accounts.leaving.account_erasure import build_data_subjects, erase_accounts
from accounts.people.models import User
from accounts.profile.export import flows as export_flows
from accounts.profile.export import personal_copy
from accounts.profile.models import DataExport
from mgestion.journal.models import Detail, Entry
from mgestion.journal.words import format_detail, get_reason_label
from mgestion.personal_data import list_entries
from tests.factories.people import log_in
from tests.personal_data.rich import FIRST_NAME, LAST_NAME, PASSWORDS, Rich

pytestmark = pytest.mark.django_db
PAGE = "/compte/mes-donnees/"


@pytest.mark.both
@pytest.mark.req("R121", "S34")
def test_the_copy_has_a_line_for_every_row_that_an_erasure_would_find(rich: Rich) -> None:
    """Made by the job, sealed in its row, and read from there."""
    export_flows.purge_expired_exports(rich.end + timedelta(days=2))
    copy = export_flows.ask_for_export(rich.user, now=rich.end)
    people = build_data_subjects([rich.user])
    held = {entry.title: entry.rows(people).count() for _, entry in list_entries()}
    assert export_flows.build_due_exports(rich.end)["built"] == 1
    found = export_flows.select_readable_exports(rich.user, copy.pk, rich.end)
    assert found is not None
    shown = {part["rubrique"]: len(part["lignes"]) for part in found[1]["rubriques"]}
    assert shown == {title: count for title, count in held.items() if count}
    assert len(shown) > 35


@pytest.mark.req("R121", "S45")
def test_the_copy_says_reasons_and_details_in_french(rich: Rich) -> None:
    """No code of the program, no JSON: the person reads it."""
    told = Entry.objects.filter(person=rich.user.public_id)
    coded = {(row.act, row.reason) for row in told if row.reason}
    assert len(coded) > 5
    # A version is named by its own number.
    unnamed = {(act, code) for act, code in coded if get_reason_label(act, code) == code}
    assert {act for act, _ in unnamed} <= {"terms.sent"}
    lines = dict(list_entries())["journal.details"].export(build_data_subjects([rich.user]))
    shown = " ".join(line.get("Détail", "") for line in lines)
    assert "adresse IP\u00a0: " in shown
    for sign in ("{", "}", '"', "[", "]"):
        assert sign not in shown
    known = {
        key for detail in Detail.objects.filter(person=rich.user.public_id) for key in detail.data
    }
    assert {key for key in known if format_detail({key: "x"})[0].startswith(f"{key}\u00a0")} <= {
        "note",
        "code",
    }


@pytest.mark.both
@pytest.mark.req("R121", "S34")
def test_the_export_counts_what_the_columns_say_one_by_one(rich: Rich) -> None:
    """Apart from the entries' own queries: each key and each opaque id, looked up by hand."""
    counted = 0
    for name, entry in list_entries():
        lines = len(entry.export(build_data_subjects([rich.user])))
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
    document = personal_copy.collect_personal_copy(rich.user, rich.end)
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
    export_flows.purge_expired_exports(rich.end + timedelta(days=2))
    with time_machine.travel(rich.end, tick=False):
        log_in_now(client, rich)
        assert client.post(f"{PAGE}copie/").status_code == 303
        export_flows.build_due_exports(rich.end)
        path = f"{PAGE}copie/{DataExport.objects.get(user=rich.user).pk}/"
        assert path in client.get(PAGE).content.decode()
        page = client.get(path)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        for said in ("Vos demandes d’accès", LAST_NAME, "Inscriptions, mots de passe oubliés"):
            assert said in page.content.decode()
        file = client.post(path)
    assert file.status_code == 200
    assert file["Content-Disposition"] == 'attachment; filename="mes-donnees-2026-03-17.json"'
    document = json.loads(file.content)
    assert len(document["rubriques"]) > 20
    assert Entry.objects.filter(act="data.exported", person=rich.user.public_id).count() == 1


@pytest.mark.req("R103", "R121")
def test_nothing_of_a_copy_is_left_after_its_day_nor_after_an_erasure(rich: Rich) -> None:
    user = rich.user
    for ending in ("purge", "erasure"):
        export_flows.purge_expired_exports(rich.end + timedelta(days=2))
        copy = export_flows.ask_for_export(user, now=rich.end)
        export_flows.build_due_exports(rich.end)
        sealed = bytes(DataExport.objects.get(pk=copy.pk).sealed)
        assert len(sealed) > 1000 and LAST_NAME.encode() not in sealed
        if ending == "purge":
            assert export_flows.purge_expired_exports(rich.end + timedelta(hours=24)) == {
                "exports": 1
            }
        else:
            erase_accounts([user.pk], cause="closure", now=rich.end)
        assert not DataExport.objects.exists()


def test_the_export_costs_about_a_statement_an_entry_however_long_the_life(
    rich: Rich, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(len(list_entries()) + 10):
        personal_copy.list_sections(rich.user)
