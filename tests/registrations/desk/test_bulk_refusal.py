"""Several requests refused for one reason: one preview, then each by its own act."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.habilitations.enums import StaffRole
from mgestion.journal.models import Entry
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import closed, make_reason, make_request
from tests.registrations.desk.test_bulk import BULK, outcomes, versions

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "clock"),
    pytest.mark.req("D11", "R45", "R46"),
]
TEXT = "Le SIRET {siret} de {raison_sociale} ne va pas."


def send(client: Client, rows: list[Request], *, live: Any = False, **said: Any) -> Any:
    posted = {"act": "refuser", "items": [str(row.pk) for row in rows], **said}
    answer = client.post(BULK, posted, headers={"Accept": "application/json"} if live else {})
    assert answer.status_code == 200
    return answer.json() if live else html.unescape(answer.text)


def test_one_preview_then_each_has_its_own_mail_and_history() -> None:
    agent, reason = make_staff(StaffRole.NATIONAL), make_reason(text=TEXT)
    client = client_of(agent)
    rows = [
        make_request(company_name=f"Garage fictif {number}", age=timedelta(hours=9 - number))
        for number in range(3)
    ]
    done, own = closed(make_request()), make_request(user=agent)
    everything = [*rows, done, own]
    page = send(client, everything)
    assert "3 demandes seraient refusées" in page
    assert "La demande est déjà refusée" in page and "votre propre demande" in page
    said = {"refusal": reason.code, "text": TEXT, "internal_note": "Même cabinet"}
    mail = send(client, everything, live=True, versions=versions(rows), **said)
    assert mail["to"] == rows[0].user.email and "Garage fictif 0 ne va pas" in mail["text"]
    assert ["E-mails", "3"] in mail["facts"]
    page = send(client, everything, step="preview", versions=versions(rows), **said)
    assert "Garage fictif 0 ne va pas" in page
    assert not Mail.objects.exists()
    assert Request.objects.filter(status="refused").count() == 1
    # One has changed since it was read: that one alone stays.
    Request.objects.filter(pk=rows[2].pk).update(version=2)
    page = send(client, everything, step="send", versions=versions(rows), **said)
    assert outcomes(page) == {
        rows[0].reference: "Fait",
        rows[1].reference: "Fait",
        rows[2].reference: "Non fait",
        done.reference: "Non fait",
        own.reference: "Non fait",
    }
    for number, row in enumerate(rows[:2]):
        row.refresh_from_db()
        assert (row.status, row.decided_by) == ("refused", agent.public_id)
        assert f"Garage fictif {number} ne va pas" in row.decision_text
        event = RequestEvent.objects.get(request=row, act=RequestAct.REFUSED)
        assert event.internal_note == "Même cabinet"
        letter = build_message(Mail.objects.get(subject_id=row.pk), NOW)
        assert letter is not None and f"Garage fictif {number} ne va pas" in letter.text
    assert Entry.objects.filter(act="request.refused").count() == 2


def test_what_one_refusal_wants_is_wanted_of_all() -> None:
    client, row = client_of(make_staff(delegations=("IDF",))), make_request()
    other, reason = make_reason("autre", label="Autre motif", text=""), make_reason(text=TEXT)
    for fields, words in (
        ({"refusal": "", "text": TEXT}, "Choisissez un motif"),
        ({"refusal": other.code, "text": "Non"}, "expliquez le refus"),
        ({"refusal": reason.code, "text": ""}, "Le texte était vide"),
        ({"refusal": reason.code, "text": "Bonjour {inconnu}"}, "Nom inconnu"),
    ):
        page = send(client, [row], step="send", versions=versions([row]), **fields)
        assert words in page and "preview-title" not in page
    # Nothing is decided on what was never read.
    page = send(client, [row], step="send", refusal=reason.code, text=TEXT)
    assert outcomes(page) == {row.reference: "Non fait"}
    row.refresh_from_db()
    assert row.status == "submitted" and not Mail.objects.exists()


@pytest.mark.req("S22")
def test_a_page_with_a_fault_says_so_once_in_its_title() -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    page = send(client, [make_request()], step="preview")
    assert page.count("Erreur\u00a0: ") == 1
    page = html.unescape(client.post("/admin/registrations/knowncontact/importer/").text)
    assert page.count("Erreur\u00a0: ") == 1


def test_a_request_out_of_scope_is_neither_refused_nor_named() -> None:
    client, reason = client_of(make_staff(delegations=("IDF",))), make_reason()
    row, mine = make_request(delegation="BRE"), make_request()
    said = {"refusal": reason.code, "text": "Mon texte à moi", "versions": versions([row, mine])}
    assert row.company_name not in send(client, [row, mine])
    page = send(client, [row, mine], step="send", **said)
    assert row.reference not in page and "hors de votre périmètre" in page
    row.refresh_from_db()
    assert row.status == "submitted"
