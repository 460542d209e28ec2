"""The CSV export: French, safe in a spreadsheet, within filters and scope, journaled."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Dga
from mgestion.journal.models import Detail, Entry
from mgestion.text.spreadsheet import make_cell_safe
from registrations.desk.opinions.models import Opinion
from registrations.desk.opinions.opinion_flows import ask_opinion
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import QUEUE, closed, make_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]
EXPORT = f"{QUEUE}exporter/"


def body(client: Client, query: str = "", ticked: Sequence[str] = ()) -> str:
    posted = {"filters": query, "items": ticked}
    response = cast(StreamingHttpResponse, client.post(EXPORT, posted))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="demandes-2026-03-17')
    assert response.streaming
    return b"".join(cast("Any", response.streaming_content)).decode()


def rows(client: Client, query: str = "", ticked: Sequence[str] = ()) -> list[dict[str, str]]:
    text = body(client, query, ticked).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_file_opens_in_a_french_spreadsheet() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    row = make_request(company_name="Garage « Été » ; fils", phone="+33199001234")
    text = body(client)
    assert text.startswith("\ufeffRéférence;Statut;Reçue le;Échéance (heure de Paris);")
    assert text.count("\r\n") == 2
    [line] = rows(client)
    assert line["Référence"] == row.reference
    assert line["Raison sociale"] == "Garage « Été » ; fils"
    assert line["Reçue le"] == "17/03/2026 09:00"  # in Paris
    assert line["SIRET"].replace(" ", "") == row.siret
    assert line["Téléphone"].replace("\u00a0", " ") == "01 99 00 12 34"
    assert line["État du délai"] == "dans les délais"
    assert line["Délégation"].endswith("Île-de-France")


@pytest.mark.both
def test_the_opinions_that_were_asked_are_a_column() -> None:
    agent = make_staff(delegations=("IDF",))
    row, plain = make_request(), make_request()
    for code in ("DGA-URBAIN", "DGA-AUTO"):
        dga = Dga.objects.get(code=code)
        opinion = ask_opinion(row.pk, question="Ici\u202f?", dga=dga, actor_user=agent, now=NOW)
    Opinion.objects.filter(pk=opinion.pk).update(
        verdict="favourable", answered_by=agent.public_id, closed_at=NOW
    )
    found = {line["Référence"]: line["Avis"] for line in rows(client_of(agent))}
    assert found == {row.reference: "avis attendu, avis favorable", plain.reference: ""}


def test_no_cell_is_computed() -> None:
    formulas = (
        "=1+1",
        "+33",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        "=HYPERLINK(1;2)",
    )
    for text in formulas:
        assert make_cell_safe(text).startswith("'")
        assert "\t" not in make_cell_safe(text)
        assert "\n" not in make_cell_safe(text)
        make_request(company_name=text, last_name=f"{text}x")
    lines = rows(client_of(make_staff(StaffRole.NATIONAL)))
    assert len(lines) == len(formulas)
    for line in lines:
        for name in ("Raison sociale", "Nom"):
            assert line[name].startswith("'"), line[name]
    assert make_cell_safe("Garage = bien") == "Garage = bien"
    assert make_cell_safe(None) == ""


def test_the_export_obeys_the_filters_and_the_search() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    first = make_request()
    late = make_request(age=timedelta(hours=50), user=make_user(last_name="Fictive-Rare"))
    done = closed(make_request(delegation="BRE"))

    def found(query: str) -> set[str]:
        return {line["Référence"] for line in rows(client, query)}

    assert found("") == {first.reference, late.reference}
    assert found("echeance=overdue") == {late.reference}
    assert found("statut=refused&delegation=BRE") == {done.reference}
    assert found("q=fictive-rare") == {late.reference}
    assert found("statut=toutes&p=3") == {first.reference, late.reference, done.reference}
    assert found("delegation=nonsense") == set()


@pytest.mark.req("S22")
def test_the_ticked_requests_alone_are_exported_and_only_those_in_scope() -> None:
    client = client_of(make_staff(delegations=("IDF",)))
    mine, _, foreign = make_request(), make_request(), make_request(delegation="BRE")
    ticked = [str(mine.pk), str(foreign.pk), "nonsense"]
    assert [line["Référence"] for line in rows(client, "", ticked)] == [mine.reference]
    assert Detail.objects.get(entry__act="requests.exported").data["count"] == 1


@pytest.mark.req("S29")
def test_an_export_is_journaled_with_its_filters_and_its_count() -> None:
    agent = make_staff(delegations=("IDF",))
    client = client_of(agent)
    person = make_request().user
    make_request(delegation="BRE")
    body(client, f"statut=toutes&delegation=IDF&q={person.email}")
    entry = Entry.objects.get(act="requests.exported")
    assert (entry.actor, entry.reason) == (str(agent.public_id), "csv")
    detail = Detail.objects.get(entry=entry)
    assert detail.data == {
        "filters": {"statut": "toutes", "delegation": "IDF", "q": "adresse e-mail"},
        "count": 1,
    }


@pytest.mark.both
def test_a_long_export_costs_as_many_statements_as_a_short_one() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    make_request(assignee=make_staff(StaffRole.NATIONAL))

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            body(client)
        return len(seen)

    cost()  # what a first page writes to the session
    one = cost()
    for _ in range(5):
        make_request()
    assert cost() == one


def test_a_decision_says_by_whom_and_in_how_many_running_hours() -> None:
    agent = make_staff(StaffRole.NATIONAL, user=make_user(first_name="Ada", last_name="Fictive"))
    client = client_of(agent)
    row = make_request()
    # A pause of five hours moved the due time by as much.
    row.due_at += timedelta(hours=5)
    row.status = "refused"
    row.decided_at, row.decided_by = row.submitted_at + timedelta(hours=8.5), agent.public_id
    row.save()
    [line] = rows(client, "statut=refused")
    assert line["Décidée par"] == "Ada Fictive"
    assert line["Délai de décision, en heures (pauses exclues)"] == "3,5"
