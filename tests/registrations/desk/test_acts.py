"""The desk's other acts through its pages: forms, messages, errors kept beside what was typed."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import StaffRole
from accounts.leaving.block_list import hash_address_forms
from accounts.people.models import BlockedPerson, User
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from mgestion.text.dates import paris_date
from registrations.desk.acts.assign import write_internal_note
from registrations.desk.acts.reopen import reopen_request
from registrations.desk.decision import presence
from registrations.desk.decision.act_forms import AskForDocumentsForm
from registrations.desk.decision.models import Presence
from registrations.documents import flows as documents_flows
from registrations.enrolment.submit_flows import submit_request
from registrations.requests import suspension_flows
from registrations.requests.document_models import Asking, AskingTemplate
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import RefusalReason, Request
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import client_of
from tests.factories.registrations import make_answers, make_request
from tests.registrations.desk.staff_pages import address_of, messages_of
from tests.registrations.desk.staff_pages import make_request as make_open_request

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]


@pytest.fixture
def desk(agent: User) -> Client:
    return client_of(agent)


def _post(client: Client, request: Request, act: str, **fields: Any) -> Any:
    fresh = Request.objects.get(pk=request.pk)
    return client.post(address_of(request, act), {"version": fresh.version, "seen": "0", **fields})


def _recent(**fields: Any) -> Request:
    return make_open_request(now=timezone.now(), **fields)


def _decided(status: str, agent: User) -> Request:
    return make_request(now=timezone.now() - timedelta(hours=1), status=status, agent=agent)


@pytest.mark.req("R109", "D45")
def test_the_form_to_ask_is_ready_to_send(desk: Client) -> None:
    request = _recent()
    page = desk.get(address_of(request)).text
    assert request.reference in re.findall(r'<textarea name="message"[^>]*>([^<]*)', page)[0]
    day = re.findall(r'name="last_day" value="([\d-]+)"', page)[0]
    said = {"message": "Votre Kbis.", "documents": "", "last_day": day}
    response = _post(desk, request, "ask", step="send", **said)
    assert response.status_code == 302
    assert "réponse attendue jusqu’au" in messages_of(response)
    page = desk.get(address_of(request)).text
    assert "Le délai de 48&nbsp;h est en pause" in page
    assert 'id="ask-panel"' not in page  # one thing at a time
    response = _post(desk, request, "withdraw")
    assert "Plus aucun document n’est attendu" in messages_of(response)


@pytest.mark.req("D11", "R109")
def test_the_texts_to_ask_with_are_the_administrators(desk: Client) -> None:
    request = _recent()
    AskingTemplate.objects.create(
        code="appel",
        label="Rappel téléphonique",
        message="Merci de rappeler {delegation} pour {reference}.",
        position=90,
    )
    ready = unescape(desk.get(f"{address_of(request)}?modele=appel").text)
    assert 'id="ask-panel" open' in ready
    option = re.findall(r'<option value="appel"[^>]*>', ready)[0]
    assert f"pour {request.reference}." in option  # for the script
    assert (
        f"pour {request.reference}."
        in re.findall(r'<textarea name="message"[^>]*>([^<]*)', ready)[0]
    )
    AskingTemplate.objects.update(enabled=False)
    assert not AskForDocumentsForm(request, timezone.now())["message"].value()


@pytest.mark.req("D11")
def test_a_text_to_ask_with_names_only_what_a_request_has(agent: User) -> None:
    national = client_of(make_staff("national"))
    add = reverse("admin:registrations_askingtemplate_add")
    typed = {"label": "Essai", "code": "essai", "message": "Bonjour {civilite}", "position": "5"}
    assert "Nom inconnu dans le texte" in national.post(add, typed).text
    assert not AskingTemplate.objects.filter(code="essai").exists()
    assert national.post(add, {**typed, "message": "Bonjour {prenom}"}).status_code == 302
    assert AskingTemplate.objects.get(code="essai").documents == ""


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(desk: Client) -> None:
    request = _recent()
    fields = {"message": "Bonjour {civilite}", "documents": "Kbis", "last_day": "2020-01-01"}
    page = _post(desk, request, "ask", **fields).text
    assert "{civilite}: remplacez-le" in page.replace("\u00a0", "")
    assert "Bonjour {civilite}</textarea>" in page
    assert "<title>Erreur" in page
    assert not Asking.objects.exists()


def _preview(page: str) -> tuple[str, str]:
    """Subject and text of the mail that the page shows."""
    subject = re.search(r'data-preview="subject">([^<]*)<', page)
    text = re.search(r'data-preview="text"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert subject is not None
    assert text is not None
    return unescape(subject[1]), unescape(text[1])


@pytest.mark.req("R109", "R110", "D54")
@pytest.mark.parametrize(
    ("act", "status", "kind", "fields"),
    [
        (
            "ask",
            RequestStatus.SUBMITTED,
            "document_asked",
            {"message": "Bonjour {prenom},\r\nvotre Kbis ?", "documents": "Extrait <Kbis>"},
        ),
        ("ask", RequestStatus.APPROVED, "document_asked", {"message": "Votre délégation ?"}),
        ("reopen", RequestStatus.REFUSED, "reopened", {"reason": "Erreur & regret."}),
        ("suspend_access", RequestStatus.APPROVED, "access_suspended", {"reason": "Sans réponse."}),
    ],
)
def test_what_is_previewed_is_what_leaves_and_a_preview_does_nothing(
    desk: Client, agent: User, act: str, status: str, kind: str, fields: dict[str, str]
) -> None:
    request = _recent() if status == RequestStatus.SUBMITTED else _decided(status, agent)
    if act == "ask":
        fields = {**fields, "last_day": (timezone.localdate() + timedelta(days=9)).isoformat()}
    before = (Mail.objects.count(), Entry.objects.count(), Request.objects.get(pk=request.pk))
    page = _post(desk, request, act, step="preview", **fields).text
    subject, text = _preview(page)
    after = (Mail.objects.count(), Entry.objects.count(), Request.objects.get(pk=request.pk))
    assert before == after
    assert before[2].__dict__.keys() == after[2].__dict__.keys()
    assert (before[2].status, before[2].version) == (after[2].status, after[2].version)
    assert not Asking.objects.exists()
    assert not Access.objects.suspended().exists()
    hidden = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
        if name in fields or name in ("version", "seen")
    }
    assert desk.post(address_of(request, act), {**hidden, "step": "send"}).status_code == 302
    mail = Mail.objects.get(kind=f"registrations.{kind}")
    letter = build_message(mail, timezone.now())
    assert letter is not None
    assert (letter.subject, letter.text.strip()) == (subject, text.strip())


def test_a_preview_asks_what_the_act_asks_and_goes_back_with_what_was_typed(
    desk: Client, agent: User
) -> None:
    request = _decided(RequestStatus.APPROVED, agent)
    page = _post(desk, request, "suspend_access", step="edit", reason="Mon motif.").text
    assert 'id="access-panel" open' in page
    assert "Mon motif.</textarea>" in page
    # Without a step, as a browser that sends the form by « Enter » might: nothing leaves.
    page = _post(desk, request, "suspend_access", reason="Mon motif.").text
    assert "preview-title" in page
    assert not Access.objects.suspended().exists()


def test_a_refusal_with_an_open_placeholder_stops_before_the_preview(desk: Client) -> None:
    request = _recent(first_name="Zoé")
    reason = RefusalReason.objects.get(code="doublon")
    fields = {"refusal": reason.code, "text": "Bonjour {prenom}, {inconnu}."}
    page = _post(desk, request, "refuse", step="preview", **fields).text
    assert "preview-title" not in page
    assert "{inconnu}" in page
    fields["text"] = "Bonjour {prenom}, dossier {reference}."
    _post(desk, request, "refuse", step="send", **fields)
    request.refresh_from_db()
    assert request.decision_text == f"Bonjour Zoé, dossier {request.reference}."


def test_a_request_is_assigned_to_a_colleague_of_its_scope_only(desk: Client) -> None:
    request = _recent()
    near = make_staff("reviewer", delegations=("IDF",))
    far = make_staff("reviewer", delegations=("BRE",), dgas=("DGA-URBAIN",))
    auditor = make_staff("auditor")
    page = _post(desk, request, "assign", to=str(far.public_id)).text
    offered = re.findall(r'<option value="([^"]+)"', page.partition('name="to"')[2])
    assert str(near.public_id) in offered
    assert not {str(far.public_id), str(auditor.public_id)} & set(offered)
    _post(desk, request, "assign", to=str(near.public_id))
    request.refresh_from_db()
    assert request.assignee == near
    assert request.events.filter(act=RequestAct.ASSIGNED).count() == 1


@pytest.mark.req("R49", "D9")
def test_a_branch_set_right_moves_the_dga_and_the_dashboard(desk: Client, agent: User) -> None:
    request = _recent()
    response = _post(desk, request, "reroute", branch="transport-routier")
    assert "branche" in messages_of(response)
    request.refresh_from_db()
    assert request.branch is not None
    assert request.branch.code == "transport-routier"
    assert request.dga == request.branch.dga
    assert request.dashboard == request.branch.dashboard
    page = _post(desk, request, "reroute").text
    assert "Choisissez une autre délégation ou une autre branche" in page


def test_a_note_is_read_by_agents_never_by_the_applicant_and_sent_twice_is_one_line(
    desk: Client, agent: User
) -> None:
    def write(text: str) -> None:
        write_internal_note(request.pk, text=text, actor_user=agent, now=timezone.now())

    request = _recent()
    _post(desk, request, "note", text="Vu au téléphone, ton pressant.")
    write("Vu au téléphone, ton pressant.")
    assert request.events.filter(act="noted").count() == 1
    write("Rappelé.")
    write("Vu au téléphone, ton pressant.")
    assert request.events.filter(act="noted").count() == 3
    assert "ton pressant" in desk.get(address_of(request)).text
    own = reverse("registrations:request_status", args=[request.reference])
    assert "ton pressant" not in client_of(request.user).get(own).text
    with pytest.raises(Refused, match="Écrivez la note"):
        write(" ")


def test_a_name_with_braces_stops_no_letter(desk: Client, agent: User) -> None:
    request = _recent(company_name="Garage {Zen}")
    response = _post(
        desk,
        request,
        "ask",
        step="send",
        message="Bonjour, pour {raison_sociale}.",
        documents="Kbis",
        last_day=(paris_date(timezone.now()) + timedelta(days=9)).isoformat(),
    )
    assert "Demande envoyée à" in messages_of(response)
    assert Asking.objects.get(request=request).message == "Bonjour, pour Garage (Zen)."


@pytest.mark.req("D54")
def test_a_decision_is_taken_back_from_its_page_which_says_what_becomes_of_the_access(
    desk: Client, agent: User
) -> None:
    request = _decided(RequestStatus.APPROVED, agent)
    page = _post(desk, request, "reopen", reason="").text
    assert "preview-title" not in page
    assert "la personne reçoit ce texte" in page
    assert "est retiré aussitôt" in page
    Request.objects.filter(pk=request.pk).update(previous_role="gestionnaire")
    assert "retrouve aussitôt le rôle" in desk.get(address_of(request)).text
    preview = _post(desk, request, "reopen", step="preview", reason="Erreur.").text
    assert "Le rôle précédent est rendu aussitôt" in preview
    Request.objects.filter(pk=request.pk).update(previous_role="")
    response = _post(desk, request, "reopen", step="send", reason="Erreur de SIRET.")
    assert "rouverte" in messages_of(response)
    request.refresh_from_db()
    assert request.status == RequestStatus.SUBMITTED
    assert not Access.objects.open().filter(user=request.user).exists()


@pytest.mark.req("R110", "D45")
def test_an_access_is_suspended_and_given_back_with_its_role(desk: Client, agent: User) -> None:
    request = _decided(RequestStatus.APPROVED, agent)
    before = Access.objects.get(user=request.user)
    _post(desk, request, "suspend_access", step="send", reason="Sans justificatif.")
    before.refresh_from_db()
    assert before.ended_at is not None
    letter = build_message(Mail.objects.get(kind="registrations.access_suspended"), timezone.now())
    assert letter is not None
    assert "Sans justificatif." in letter.text
    own = reverse("registrations:request_status", args=[request.reference])
    page = client_of(request.user).get(own).text
    assert "est suspendu" in page
    assert "Votre accès est ouvert" not in page
    _post(desk, request, "restore_access")
    again = Access.objects.open().get(user=request.user)
    assert (again.pk, again.role, again.dashboard) == (before.pk, before.role, before.dashboard)
    assert again.suspended_at is None
    # It is still what the decision gave: a re-opening takes it back.
    _post(desk, request, "reopen", step="send", reason="Erreur.")
    assert not Access.objects.open().filter(user=request.user).exists()


def test_a_re_opened_request_has_no_suspension_to_lift(agent: User) -> None:
    request = _decided(RequestStatus.APPROVED, agent)
    said: dict[str, Any] = {"reason": "À revoir.", "actor_user": agent, "now": timezone.now()}
    suspension_flows.suspend_access(request.pk, **said)
    request.refresh_from_db()
    reopen_request(request.pk, version=request.version, **said)
    assert suspension_flows.find_suspended_access(request) is None


@pytest.mark.req("D45")
def test_the_queue_proposes_what_to_do_when_a_document_did_not_come(
    desk: Client, agent: User
) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    open_, accepted = (
        make_request(now=long_ago),
        make_request(now=long_ago, status=RequestStatus.APPROVED, agent=agent),
    )
    elsewhere = make_request(now=long_ago, department="35", branch="urbain")
    national = make_staff(StaffRole.NATIONAL)
    for request in (open_, accepted, elsewhere):
        documents_flows.ask_for_documents(
            request.pk,
            version=request.version,
            message="Votre Kbis.",
            actor_user=national,
            now=long_ago,
        )
    page = desk.get(reverse("admin:registrations_request_changelist")).text
    assert "2 demandes sans le document attendu" in page
    assert re.search(rf"{open_.reference}</a>.*refuser la demande", page)
    assert re.search(rf"{accepted.reference}</a>.*suspendre l’accès", page)
    assert elsewhere.reference not in page
    assert "Sans réponse" in desk.get(address_of(open_)).text
    open_.refresh_from_db()
    assert open_.status == RequestStatus.AWAITING_DOCUMENT  # proposed, never done


@pytest.mark.req("S23")
def test_the_second_agent_sees_who_is_on_the_request(desk: Client, agent: User) -> None:
    request = _recent()
    other = make_staff(delegations=("IDF",), user=make_user(first_name="Bob", last_name="Fictif"))
    second = client_of(other)
    assert second.post(address_of(request, "still_here")).json()["others"] == []
    answer = desk.post(address_of(request, "still_here")).json()
    assert answer == {"others": ["Bob Fictif"], "version": request.version}
    assert "Aussi sur cette demande&nbsp;: Bob Fictif" in desk.get(address_of(request)).text
    Presence.objects.update(
        seen_at=timezone.now() - presence.PRESENCE_DURATION - timedelta(seconds=1)
    )
    assert presence.list_other_readers(request, agent, timezone.now()) == []
    assert presence.purge_old_presences(timezone.now()) == 2


@pytest.mark.req("R82", "D30")
def test_a_blocked_person_makes_no_request() -> None:
    user = make_user()
    BlockedPerson.objects.create(
        digest=hash_address_forms(user.email)[0], reason="abuse", blocked_at=timezone.now()
    )
    with pytest.raises(Refused) as refused:
        submit_request(user=user, answers=make_answers(), form_token=uuid4(), now=timezone.now())
    assert refused.value.code == "blocked"
    assert not Request.objects.exists()
