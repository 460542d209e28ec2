"""Somebody asks for a version that is not on the page, and staff send it (R68, R69)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.legal import tasks
from accounts.legal.acts_terms import TermsAnswerForm
from accounts.legal.models import TermsRequest, TermsVersion
from accounts.legal.terms import flows, request_flows
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.flows import deliver_due_mails
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_staff
from tests.factories.people import letters
from tests.legal.conftest import NOW, draft

pytestmark = pytest.mark.django_db
PAGE = "/cgu/versions/"
SAID = {"email": "Jeanne.Martin@exemple.example.org", "asked": "Celle de mars 2024"}
AGENT = Actor("staff", "7b0f2f6e-3a4e-4a55-9a3e-0d1f2c3b4a5d")


@pytest.mark.req("R68", "R69")
def test_anyone_asks_and_staff_answer_with_the_dated_page_by_one_act(client: Client) -> None:
    version = flows.load_shipped_terms(NOW)
    with time_machine.travel(NOW, tick=False):
        answer = client.post(PAGE, SAID)
        assert (answer.status_code, answer["Location"]) == (303, PAGE)
        assert "Votre demande est enregistrée" in client.get(PAGE).text
        row = TermsRequest.objects.get()
        assert Entry.objects.get(act="terms.asked").object_id == str(row.pk)
        agent = make_staff(StaffRole.NATIONAL)
        client.force_login(agent, backend="accounts.entry.login.backends.PasswordBackend")
        waiting = client.get("/admin/legal/termsrequest/", {"etat": "attente"}).text
        assert "Celle de mars 2024" in waiting and SAID["email"] in waiting
        act = reverse("admin:legal_termsrequest_answer", args=[row.pk])
        assert act in client.get(f"/admin/legal/termsrequest/{row.pk}/change/").text
        assert "Choisissez une version" in client.post(act, {}).text
        assert client.post(act, {"version": version.pk}).status_code == 302
        assert act not in client.get(f"/admin/legal/termsrequest/{row.pk}/change/").text
        assert client.get(act).status_code == 302
        (mail,) = letters(request_flows.SENT, now=NOW)
    assert mail.to == SAID["email"]
    assert "/cgu/fevrier-2025/" in mail.text
    assert "samedi 1er février 2025" in mail.text
    row.refresh_from_db()
    assert (row.version, row.answered_by) == (version, agent.public_id)
    assert Entry.objects.get(act="terms.sent").reason == "fevrier-2025"


@pytest.mark.req("R69")
@pytest.mark.parametrize(
    ("days", "said", "unsaid"),
    [(9, "qui entrera en vigueur le", "entrée en vigueur"), (0, "entrée en vigueur le", "entrera")],
)
def test_the_mail_says_whether_the_version_is_to_come(days: int, said: str, unsaid: str) -> None:
    version = flows.publish_version(
        draft("ete"), effective_at=NOW + timedelta(days=days), actor=AGENT, now=NOW
    )
    row = request_flows.ask_for_old_version(
        email="a@exemple.example.org", asked="Celle d’été", now=NOW
    )
    with time_machine.travel(NOW, tick=False):
        assert said.removeprefix("qui ") in str(TermsAnswerForm()["version"])
    request_flows.answer_terms_request(row.pk, version=version, text="", actor=AGENT, now=NOW)
    (mail,) = letters(request_flows.SENT, now=NOW)
    for text in (mail.text, mail.html):
        assert said in text and unsaid not in text


@pytest.mark.req("R69")
def test_a_version_that_was_never_here_is_sent_in_words() -> None:
    row = request_flows.ask_for_old_version(email="a@exemple.example.org", asked="2019", now=NOW)
    with pytest.raises(Refused):
        request_flows.answer_terms_request(row.pk, version=None, text="", actor=AGENT, now=NOW)
    with pytest.raises(Refused, match="brouillon"):
        request_flows.answer_terms_request(
            row.pk, version=draft("projet"), text="", actor=AGENT, now=NOW
        )
    request_flows.answer_terms_request(
        row.pk, version=None, text="Article 1 & suite", actor=AGENT, now=NOW
    )
    (mail,) = letters(request_flows.SENT, now=NOW)
    assert "Article 1 & suite" in mail.text and "Article 1 &amp; suite" in mail.html
    with pytest.raises(WrongState):
        request_flows.answer_terms_request(
            row.pk, version=None, text="Encore", actor=AGENT, now=NOW
        )


@pytest.mark.req("R69")
def test_bad_input_is_explained_and_kept(client: Client) -> None:
    flows.load_shipped_terms(NOW)
    for wrong, message in (
        ({"email": ""}, "Indiquez l’adresse"),
        ({"email": "jeanne"}, "Il manque le signe @."),
        ({"asked": ""}, "Indiquez le nom ou la date"),
        ({"asked": "\u200b\u200b"}, "Indiquez le nom ou la date"),
        ({"asked": "a" * 201}, "Soyez plus bref"),
    ):
        page = client.post(PAGE, SAID | wrong)
        assert page.status_code == 200, wrong
        assert message in page.text, wrong
        for name in SAID.keys() - wrong.keys():
            assert SAID[name] in page.text, wrong
    assert not TermsRequest.objects.exists()


@pytest.mark.req("R69", "S8")
def test_the_answer_is_the_same_for_any_address(client: Client, person: User) -> None:
    flows.load_shipped_terms(NOW)
    pages = []
    for address in (person.email, "inconnue@exemple.example.org"):
        answer = client.post(PAGE, SAID | {"email": address})
        shown = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(PAGE).text)
        pages.append((answer.status_code, answer["Location"], shown))
    assert pages[0][:2] == pages[1][:2]
    assert "Votre demande est enregistrée" in pages[0][2] and pages[0][2] == pages[1][2]
    assert not Mail.objects.exists()  # nobody is written to because somebody typed his address


@pytest.mark.req("R69")
def test_one_network_asks_five_times_an_hour(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for number in range(5):
            assert client.post(PAGE, SAID | {"asked": f"Version {number}"}).status_code == 303
        stopped = client.post(PAGE, SAID | {"asked": "Encore une"})
        assert stopped.status_code == 429 and int(stopped["Retry-After"]) <= 3600
        assert TermsRequest.objects.count() == 5
        clock.shift(3600)
        assert client.post(PAGE, SAID | {"asked": "Encore une"}).status_code == 303


def test_the_same_question_twice_is_one_request() -> None:
    first = request_flows.ask_for_old_version(email="a@exemple.example.org", asked="2019", now=NOW)
    assert (
        request_flows.ask_for_old_version(email="A@exemple.example.org", asked="2019", now=NOW)
        == first
    )


@pytest.mark.req("R120", "S32", "R69")
def test_a_request_and_what_its_mail_said_are_forgotten_after_a_year() -> None:
    row = request_flows.ask_for_old_version(email="a@exemple.example.org", asked="2019", now=NOW)
    request_flows.answer_terms_request(row.pk, version=None, text="Voici.", actor=AGENT, now=NOW)
    deliver_due_mails(lambda: NOW, row.pk)
    assert Mail.objects.get().to == "a@exemple.example.org"
    end = NOW + settings.RETENTION["terms_requests"]
    assert request_flows.purge_terms_requests(end) == {"requests": 0}
    with time_machine.travel(end + timedelta(seconds=1), tick=False):
        tasks.purge_terms_requests()
    assert not TermsRequest.objects.exists()
    assert Mail.objects.get().to == Mail.objects.get().text == ""
    assert TermsVersion.objects.count() == 0
