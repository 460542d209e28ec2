"""A request is a conversation: who writes, who is told, what waits to be read."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings as SettingsWrapper

from accounts.habilitations.reference.models import Delegation
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.people.to_do import list_to_do
from mgestion.errors import Refused, WrongState
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.conversation import flows
from registrations.conversation.models import RequestMessage
from registrations.conversation.thread import load_thread
from registrations.desk.acts import assign, decide
from registrations.documents import flows as documents_flows
from registrations.enrolment.amend_flows import cancel_request
from registrations.requests.document_models import Upload
from registrations.requests.enums import RequestAct, RequestStatus
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_rules import Unread, compute_unread
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import client_of
from tests.factories.registrations import make_request
from tests.registrations import papers

pytestmark = [pytest.mark.usefixtures("reference", "folder"), pytest.mark.django_db]
HOUR = timedelta(hours=1)
TOKEN = UUID("9b2d1c1e-6f0a-4c55-8f58-0d3f2f1f7a11")


def again(request: Request) -> Request:
    return Request.objects.select_related("user").get(pk=request.pk)


def write(request: Request, text: str = "Bonjour.", *, at: datetime = NOW + HOUR) -> Request:
    return flows.send_message(request.pk, user=request.user, text=text, form_token=uuid4(), now=at)


def reply(request: Request, agent: User, text: str = "Bien reçu.", **said: Any) -> Request:
    return flows.write_to_applicant(
        request.pk,
        version=said.pop("version", again(request).version),
        text=text,
        form_token=uuid4(),
        actor_user=agent,
        now=said.pop("at", NOW + 2 * HOUR),
        **said,
    )


def post(request: Request, message: str = "", *files: SimpleUploadedFile, **more: str) -> Any:
    address = reverse("registrations:request_message", args=[request.reference])
    return client_of(request.user).post(
        address, {"message": message, "attachments": list(files), **more}
    )


def said_by(response: HttpResponse) -> str:
    return " ".join(str(each) for each in get_messages(response.wsgi_request))  # type: ignore[attr-defined]  # of the test client


def mails(kind: str) -> int:
    return Mail.objects.filter(kind=kind).count()


# --- what waits to be read ---


def test_what_waits_after_an_act() -> None:
    for act, before, after in (
        ("message_received", Unread(), Unread(desk=NOW)),
        ("message_received", Unread(desk=NOW - HOUR, person=NOW), Unread(desk=NOW - HOUR)),
        ("document_received", Unread(), Unread(desk=NOW)),
        ("message_sent", Unread(desk=NOW - HOUR), Unread(person=NOW)),
        ("message_sent", Unread(person=NOW - HOUR), Unread(person=NOW - HOUR)),
        ("message_read", Unread(desk=NOW - HOUR, person=NOW), Unread(person=NOW)),
        ("message_seen", Unread(desk=NOW - HOUR, person=NOW), Unread(desk=NOW - HOUR)),
        ("document_asked", Unread(desk=NOW - HOUR), Unread()),
        ("amended", Unread(desk=NOW, person=NOW), Unread(desk=NOW, person=NOW)),
        ("noted", Unread(desk=NOW, person=NOW), Unread(desk=NOW, person=NOW)),
        ("taken", Unread(desk=NOW), Unread(desk=NOW)),
    ):
        found = compute_unread(before, RequestAct(act), is_open=True, now=NOW)
        assert found == after, (act, before)
        assert compute_unread(before, RequestAct(act), is_open=False, now=NOW) == Unread()


def test_a_decision_leaves_nothing_to_read(agent: User) -> None:
    request = make_request()
    reply(request, agent)
    write(request)
    decide.approve_request(
        request.pk,
        version=again(request).version,
        role="gestionnaire",
        actor_user=agent,
        now=NOW + 3 * HOUR,
    )
    assert again(request).desk_unread_since is None
    other = make_request()
    write(other)
    cancel_request(other.pk, other.user, NOW + 3 * HOUR)
    assert again(other).desk_unread_since is None


# --- both sides write ---


def test_the_clock_goes_on_unless_the_agent_stops_it(agent: User) -> None:
    request = make_request()
    due = request.due_at
    write(request)
    reply(request, agent)
    assert (again(request).due_at, again(request).paused_at) == (due, None)
    reply(request, agent, "Votre Kbis, s’il vous plaît.", pause=True, at=NOW + 3 * HOUR)
    stopped = again(request)
    assert (stopped.status, stopped.paused_at) == ("awaiting_document", NOW + 3 * HOUR)
    assert mails("registrations.document_asked") == 1
    write(request, "Lequel ?", at=NOW + 4 * HOUR)  # a question is no answer
    assert again(request).paused_at == NOW + 3 * HOUR


def test_an_agents_double_click_asks_once_and_files_of_a_stale_page_are_the_answer(
    agent: User,
) -> None:
    request = make_request()
    said = {"version": "1", "text": "Votre Kbis, {prenom} ?", "pause": "on"}
    address = reverse("admin:registrations_request_message", args=[request.pk])
    desk = client_of(agent)
    for _ in range(2):
        assert desk.post(address, said).status_code == 302
    asking = request.askings.get()
    assert post(request, "Voici.", papers.sent()).status_code == 302
    assert again(request).status == RequestStatus.SUBMITTED
    asking.refresh_from_db()
    assert asking.answer == "Voici."
    assert Upload.objects.get().asking == asking


def test_a_message_and_its_file_come_and_are_answered(agent: User) -> None:
    request = make_request()
    response = post(request, "  Une\r\nprécision <b>.  ", papers.sent())
    assert response.status_code == 302
    assert "envoyé" in said_by(response)
    page = client_of(request.user).get(f"/demandes/{request.reference}/").text
    assert "Une<br>précision &lt;b&gt;." in page
    assert "Kbis.pdf" in page
    desk = client_of(agent)
    address = reverse("admin:registrations_request_change", args=[request.pk])
    shown = desk.get(address).text
    assert "Une<br>précision &lt;b&gt;." in shown
    assert "Réponse reçue" in shown
    queue = reverse("admin:registrations_request_changelist")
    assert request.reference in desk.get(f"{queue}?statut=reponse-recue").text
    sent = desk.post(
        reverse("admin:registrations_request_message", args=[request.pk]),
        {"version": str(again(request).version), "text": "Merci, c’est noté."},
    )
    assert sent.status_code == 302
    page = client_of(request.user).get(f"/demandes/{request.reference}/").text
    assert "Merci, c’est noté." in page
    assert str(agent) not in page
    assert "reponse-recue" not in desk.get(reverse("admin:index")).text


@pytest.mark.req("R44", "S22")
def test_an_agent_joins_a_file_which_the_applicant_downloads(agent: User, folder: Path) -> None:
    request = make_request()
    address = reverse("admin:registrations_request_message", args=[request.pk])
    desk, person = client_of(agent), client_of(request.user)

    def send(*files: SimpleUploadedFile, **more: str) -> Any:
        said = {"version": str(again(request).version), "text": "Voici.", "form_token": token}
        return desk.post(address, {**said, "attachments": list(files), **more})

    token = str(uuid4())
    answers = [send(papers.sent(b"x", "faux.pdf")), send(papers.sent(), pause="on")]
    assert [each.status_code for each in answers] == [200, 200]
    assert "faux.pdf" in answers[0].text and flows.FILES_APART in answers[1].text
    assert not RequestMessage.objects.exists() and papers.list_kept(folder) == []
    for _ in range(2):  # a double click
        assert (
            send(papers.sent(papers.pdf(), "guide.pdf"), papers.sent(b"x", "faux.pdf")).status_code
            == 302
        )
    upload = Upload.objects.get()
    assert upload.by_staff and len(papers.list_kept(folder)) == 1
    page = person.get(f"/demandes/{request.reference}/").text
    path = reverse("registrations:request_paper", args=[request.reference, upload.pk])
    assert page.count(path) == 1  # among the messages, not among what the person sent
    assert person.get(path).getvalue() == papers.pdf()
    assert client_of(make_user()).get(path).status_code == 404
    assert "guide.pdf" in desk.get(address.replace("ecrire", "change")).text


def test_the_history_says_that_one_wrote_and_not_what(agent: User) -> None:
    request = make_request()
    write(request, "Mon secret")
    reply(request, agent, "Le vôtre")
    texts = RequestEvent.objects.filter(request=request).values_list("text", flat=True)
    assert not any("secret" in text or "vôtre" in text for text in texts)
    assert [entry.text for entry in load_thread(request).entries] == ["Mon secret", "Le vôtre"]


def test_nothing_to_answer_is_said_by_a_button_on_both_sides(agent: User) -> None:
    request = make_request()
    reply(request, agent, at=NOW + HOUR)
    client_of(request.user).post(
        reverse("registrations:request_messages_read", args=[request.reference]),
        {"shown": str(load_thread(request).shown)},
    )
    assert again(request).person_unread_since is None
    write(request)
    address = reverse("admin:registrations_request_message_read", args=[request.pk])
    desk = client_of(agent)
    desk.post(address, {"version": str(request.version)})  # a page that never showed the message
    assert again(request).desk_unread_since is not None
    desk.post(address, {"version": str(again(request).version)})
    assert again(request).desk_unread_since is None


@pytest.mark.parametrize("act", ["messages_read", "message", "answer"])
def test_what_came_after_the_page_was_shown_still_waits(agent: User, act: str) -> None:
    """The person answers what they have seen: the later message keeps its badge and its mail."""
    request = make_request()
    asked = act == "answer"
    reply(request, agent, "La première.", pause=asked, at=NOW + HOUR)
    person, page = client_of(request.user), f"/demandes/{request.reference}/"
    shown = re.search(r'name="shown" value="(\d+)"', person.get(page).text)
    assert shown is not None
    reply(request, agent, "La seconde.", at=NOW + 2 * HOUR)
    address = reverse(f"registrations:request_{act}", args=[request.reference])
    said = {"message": "Je réponds.", "text": "Je réponds.", "shown": shown[1]}
    assert person.post(address, said).status_code == 302
    assert again(request).person_unread_since == NOW + 2 * HOUR
    assert build_message(Mail.objects.filter(kind=flows.TO_PERSON_MAIL).latest("created_at"), NOW)
    if act == "messages_read":
        person.post(address, {"shown": str(load_thread(request).shown)})
        assert again(request).person_unread_since is None


# --- who is told ---


def test_several_messages_within_minutes_make_one_mail_without_their_words(agent: User) -> None:
    request = make_request()
    for minute in (0, 1, 4):
        write(request, "Mon secret", at=NOW + timedelta(minutes=minute))
    waiting = Mail.objects.get(kind=flows.TO_DESK_MAIL)
    assert waiting.next_at == NOW + timedelta(minutes=5)
    write(request, "Encore", at=NOW + timedelta(minutes=6))
    assert mails(flows.TO_DESK_MAIL) == 2
    told = build_message(Mail.objects.filter(kind=flows.TO_DESK_MAIL).earliest("created_at"), NOW)
    assert told is not None
    assert told.to == again(request).delegation.email  # type: ignore[union-attr]  # it has one
    assert request.reference in told.text
    for word in ("secret", request.last_name, request.user.email):
        assert word not in told.text + told.subject
    assign.take_request(request.pk, actor_user=agent, now=NOW + HOUR)
    told = build_message(Mail.objects.filter(kind=flows.TO_DESK_MAIL).earliest("created_at"), NOW)
    assert told is not None
    assert told.to == agent.email


def test_the_applicant_is_told_without_the_words_and_not_once_it_is_read(agent: User) -> None:
    request = make_request()
    reply(request, agent, "Votre secret")
    told = build_message(Mail.objects.get(kind=flows.TO_PERSON_MAIL), NOW)
    assert told is not None
    assert told.to == request.user.email
    assert request.reference in told.text
    assert "secret" not in told.text + told.subject
    lines = list_to_do(request.user, NOW)
    assert [line.button for line in lines] == ["Lire le message"]
    assert list_to_do(make_newcomer(), NOW) == []
    flows.mark_read_by_person(request.pk, user=request.user, now=NOW + 3 * HOUR)
    assert list_to_do(request.user, NOW) == []
    assert build_message(Mail.objects.get(kind=flows.TO_PERSON_MAIL), NOW) is None


# --- what cannot be sent ---


def test_an_empty_message_says_what_to_do_and_one_too_long_is_kept_and_not_cut() -> None:
    request = make_request()
    for text in ("", "\u200b\u2060 \r\n\0"):
        page = post(request, text).text
        assert "Écrivez un message ou joignez un fichier" in page
        assert 'href="#id_message"' in page  # the summary leads to the field
        assert "<title>Erreur" in page
    page = post(request, "é" * 10_000).text
    assert "10\u202f000 caractères" in page
    assert "é" * 10_000 in page
    assert "maxlength" not in page[page.index('id="echanges"') :]
    assert not RequestMessage.objects.exists()


def test_the_same_form_posted_twice_is_one_message(folder: Path) -> None:
    request = make_request()
    for _ in range(2):
        response = post(request, "Bonjour.", papers.sent(), form_token=str(TOKEN))
        assert response.status_code == 302
    assert RequestMessage.objects.count() == Upload.objects.count() == 1
    assert len(papers.list_kept(folder)) == 1
    assert mails(flows.TO_DESK_MAIL) == 1
    post(request, "Autre chose.", form_token=str(TOKEN))  # back, then other words
    assert RequestMessage.objects.count() == 2


def test_a_message_after_the_end_is_kept_for_its_author(agent: User) -> None:
    request = make_request(status="refused", agent=agent)
    response = post(request, "Ma précision tardive")
    page = response.text
    assert response.status_code == 409
    assert "Ma précision tardive" in page
    assert f"La demande {request.reference} est déjà" in page
    assert 'name="message"' not in page
    with pytest.raises(WrongState):
        write(request)


def test_an_agent_answers_what_they_have_read_or_keeps_the_words(agent: User) -> None:
    """A message that came meanwhile is shown first; after the decision nothing is sent."""
    request = make_request()
    desk = client_of(agent)
    address = reverse("admin:registrations_request_message", args=[request.pk])
    said = {"version": str(again(request).version), "text": "Mes mots d’agent"}
    write(request, "Attendez !")
    response = desk.post(address, said)
    assert response.status_code == 409
    assert "Mes mots d’agent" in response.text and "Attendez !" in response.text
    said["version"] = str(again(request).version)
    decide.approve_request(
        request.pk,
        version=again(request).version,
        role="gestionnaire",
        actor_user=agent,
        now=NOW + HOUR,
    )
    response = desk.post(address, said)
    assert response.status_code == 409
    assert "Mes mots d’agent" in response.text
    assert RequestMessage.objects.get().text == "Attendez !"


def test_a_refused_file_loses_neither_the_message_nor_the_other_files() -> None:
    request = make_request()
    response = post(request, "Voici.", papers.sent(), papers.sent(papers.HTML, "mal.pdf"))
    assert response.status_code == 302
    assert "mal.pdf" in said_by(response)
    assert RequestMessage.objects.get().text == "Voici."
    assert [row.name for row in Upload.objects.all()] == ["Kbis.pdf"]
    response = post(request, "Mon texte", papers.sent(papers.HTML, "mal.pdf"))
    assert "Mon texte" in response.text
    assert RequestMessage.objects.count() == 1


def test_a_flood_is_stopped_and_the_words_are_kept(settings: SettingsWrapper) -> None:
    settings.MESSAGES_PER_PERSON = (1, timedelta(hours=1))
    request = make_request()
    assert post(request, "Bonjour.").status_code == 302
    response = post(request, "Le deuxième")
    assert response.status_code == 429
    assert "Le deuxième" in response.text
    assert RequestMessage.objects.count() == 1


def test_nobody_writes_to_who_cannot_log_in(agent: User) -> None:
    """The clock would stand for an answer that cannot come. What was typed stays."""
    request = make_request()
    User.objects.filter(pk=request.user.pk).update(status=Status.SUSPENDED)
    said = {"version": str(request.version), "text": "Mes mots d’agent"}
    desk = client_of(agent)
    response = desk.post(reverse("admin:registrations_request_message", args=[request.pk]), said)
    assert response.status_code == 200
    assert "Mes mots d’agent" in response.text
    assert "ne peut ni lire ce message ni y répondre" in response.text
    with pytest.raises(Refused) as refused:
        reply(request, agent, pause=True)
    assert refused.value.code == "unreachable"
    assert again(request).paused_at is None
    assert mails(flows.TO_PERSON_MAIL) == 0


# --- who reads ---


def test_only_its_author_and_the_scope_read_a_conversation(agent: User) -> None:
    request = make_request()
    post(request, "Mon secret", papers.sent())
    upload = Upload.objects.get()
    desk = reverse("admin:registrations_request_change", args=[request.pk])
    original = reverse("admin:registrations_request_paper", args=[request.pk, upload.pk])
    auditor, outsider = make_staff("auditor"), make_staff("reviewer", delegations=("BRE",))
    reader, away = client_of(auditor), client_of(outsider)
    shown = reader.get(desk).text
    assert "Mon secret" in shown and "Envoyer le message" not in shown
    assert reader.get(original).getvalue()
    for page in (desk, original):
        assert away.get(page).status_code == 404
    stranger = client_of(make_newcomer())
    for name, args in (("request_status", []), ("request_paper", [upload.pk])):
        address = reverse(f"registrations:{name}", args=[request.reference, *args])
        assert stranger.get(address).status_code == 404
    # It follows the request to another délégation.
    brittany = Delegation.objects.get(code="BRE")
    assign.reroute_request(request.pk, delegation=brittany, actor_user=agent, now=NOW + 2 * HOUR)
    assert "Mon secret" in away.get(desk).text
    told = build_message(Mail.objects.get(kind=flows.TO_DESK_MAIL), NOW)
    assert told is not None
    assert told.to == brittany.email


def test_a_message_typed_when_the_session_ended_is_there_after_the_login(client: Client) -> None:
    request = make_request()
    page = f"/demandes/{request.reference}/"
    said = {"message": "Mes mots", "person": str(request.user.public_id)}
    assert client.post(f"{page}message/", said)["Location"] == f"/cas/login?next={page}"
    client.force_login(request.user)
    assert "Mes mots" in client.get(page).text


def test_a_long_conversation_costs_no_more_queries(
    agent: User, django_assert_max_num_queries: Any
) -> None:
    request = make_request()
    reply(request, agent, "Votre Kbis ?", pause=True)
    documents_flows.record_answer(request.pk, user=request.user, text="Le voici.", now=NOW + HOUR)
    RequestMessage.objects.bulk_create(
        RequestMessage(
            request=request,
            text=str(number),
            sent_at=NOW + (3 + number) * HOUR,
            post_key=uuid4(),
        )
        for number in range(12)
    )
    with django_assert_max_num_queries(4):
        thread = load_thread(request)
        assert (len(thread.earlier), len(thread.latest)) == (9, 5)
