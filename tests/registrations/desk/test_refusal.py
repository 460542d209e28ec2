"""No refusal leaves without an explanation that the reviewer has read (D11)."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mgestion.outbox.models import Mail
from registrations.desk.decision.forms import TEXT_MAX
from registrations.reference.shipped_texts import load_shipped_texts
from registrations.requests.models import RefusalReason, Request
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_reason, make_request

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "clock"),
    pytest.mark.req("D11", "R45"),
]
OWN = "Le mandat joint ne porte pas de date."


@pytest.fixture
def client() -> Client:
    agent = make_staff(delegations=("IDF",), user=make_user(email="ada.fictive@opco.example.org"))
    return client_of(agent)


def other() -> RefusalReason:
    """« Autre motif »: no text to begin with."""
    return make_reason("autre", label="Autre motif", text="")


def refuse(client: Client, row: Request, **fields: str) -> str:
    address = reverse("admin:registrations_request_refuse", args=[row.pk])
    response = client.post(address, {"version": str(row.version), "seen": "0", **fields})
    row.refresh_from_db()
    return unescape(response.text)


def test_another_reason_wants_the_reviewers_own_words(client: Client) -> None:
    row = make_request()
    for step, text in (("preview", "   "), ("send", "Pas assez de mots.")):
        page = refuse(client, row, refusal=other().code, text=text, step=step)
        assert "expliquez le refus" in page
        assert "preview-title" not in page
        assert row.status == "submitted"
    assert not Mail.objects.filter(kind="registrations.refused").exists()
    refuse(client, row, refusal=other().code, text=OWN, step="send")
    assert row.status == "refused"
    assert row.decision_text == OWN


def test_an_emptied_text_comes_back_to_be_read_before_it_leaves(client: Client) -> None:
    row, reason = make_request(), make_reason(text="Le SIRET de {raison_sociale} ne va pas.")
    page = refuse(client, row, refusal=reason.code, text=" ", internal_note="Vu", step="send")
    assert "Le texte était vide" in page
    assert f"Le SIRET de {row.company_name} ne va pas.</textarea>" in page
    assert "Vu</textarea>" in page
    assert "preview-title" not in page
    assert row.status == "submitted"


def test_the_preview_beside_the_form_never_does_the_act(client: Client) -> None:
    row, reason = make_request(), make_reason(text="Le SIRET de {raison_sociale} ne va pas.")
    address = reverse("admin:registrations_request_refuse", args=[row.pk])

    def live(version: int = 1, **fields: str) -> dict[str, Any]:
        said = {"version": str(version), "seen": "0", "step": "send", **fields}
        response = client.post(address, said, headers={"Accept": "application/json"})
        answer: dict[str, Any] = response.json()
        return answer

    mail = live(refusal=reason.code, text=reason.text)
    assert mail["to"] == row.user.email
    assert f"Le SIRET de {row.company_name} ne va pas." in mail["text"]
    assert ["Motif enregistré", str(reason)] in mail["facts"]
    assert "expliquez le refus" in live(refusal=other().code, text="")["missing"][0]
    assert "{inconnu}" in live(refusal=reason.code, text="Bonjour {inconnu}")["missing"][0]
    assert live(version=7, refusal=reason.code, text="Mon texte")["over"] is True
    row.refresh_from_db()
    assert row.status == "submitted"
    assert not Mail.objects.exists()


def test_the_shipped_other_reason_proposes_no_text() -> None:
    load_shipped_texts(NOW)
    assert RefusalReason.objects.get(code="autre").text == ""


def test_a_text_that_is_too_long_is_said_so_and_kept(client: Client) -> None:
    """The page does not cut it: what is pasted comes to the server, which says by how much."""
    row, reason = make_request(), make_reason()
    long = "x" * (TEXT_MAX + 1)
    page = refuse(client, row, refusal=reason.code, text=long, step="preview")
    assert not re.search(r"<textarea[^>]*maxlength", page)
    assert str(TEXT_MAX + 1) in page
    assert long in page
