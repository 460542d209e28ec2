"""The decision page: what it shows, what it sends, what it refuses."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Department
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.models import Entry
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.desk.acts import decide
from registrations.desk.decision.context import parse_number
from registrations.desk.decision.forms import RefuseForm
from registrations.desk.decision.panels import evidence
from registrations.enrolment.amend_flows import amend_request
from registrations.requests.models import Request
from registrations.requests.review.review_rules import build_name_key
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of
from tests.factories.registrations import make_answers
from tests.registrations.desk.staff_pages import (
    QUEUE,
    address_of,
    closed,
    make_reason,
    make_request,
    messages_of,
    text_of,
)
from tests.registrations.pages import cost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]


@pytest.fixture
def agent() -> User:
    return make_staff(
        delegations=("IDF",),
        user=make_user(first_name="Ada", last_name="Fictive", email="ada.fictive@opco.example.org"),
    )


@pytest.fixture
def client(agent: User) -> Client:
    return client_of(agent)


def gather(row: Request, agent: User) -> evidence.Evidence:
    """What the page shows, without drawing it."""
    staff = get_staff(agent)
    assert staff is not None
    return evidence.gather_evidence(row, staff)


def posted(row: Request, **fields: str) -> dict[str, str]:
    return {"version": str(row.version), "seen": "0", **fields}


# --- evidence ---


@pytest.mark.req("R46")
def test_the_page_shows_the_answers_the_checks_and_what_other_requests_share(
    client: Client,
) -> None:
    row = make_request(
        user=make_user(email="jo.fictif@atelier.example.org"),
        company_name="Garage de l’Étoile fictive",
    )
    twin = closed(make_request(siret=row.siret), "refused")
    Request.objects.filter(pk=row.pk).update(resubmission_of=twin)
    domain = make_request(user=make_user(email="max.fictif@atelier.example.org"))
    same = make_request(phone=row.phone, last_name=row.last_name, first_name=row.first_name)
    stranger = make_request()
    page = text_of(client, row)
    for words in (
        row.siret[:3],
        "Garage de l’Étoile fictive",
        "SIRET valide",
        "Établissement nouveau",
        "Demande enregistrée",
        "Délégation régionale Île-de-France",
        f"<h1>{row.full_name}, Garage de l’Étoile fictive</h1>",
        "Aucun signalement",
        "Premier administrateur",
        "Fait suite à",
    ):
        assert words in page, words
    assert "data-flag" not in page
    related = page[page.index("Autres demandes proches") : page.index('id="historique"')]
    for other, words in (
        (twin, "Même SIRET"),
        (domain, "Même domaine d’adresse"),
        (same, "Même nom, même téléphone"),
    ):
        line = related[related.index(other.reference) :]
        assert words in line[: line.index("</tr>")]
    assert stranger.reference not in related
    assert build_name_key(row.last_name, row.first_name) == same.name_key


@pytest.mark.req("D13", "D14", "D44", "S54")
def test_each_flag_says_why_it_is_raised(client: Client) -> None:
    row = make_request(
        user=make_user(email="zz@gmail.com", status=Status.SUSPENDED),
        company_name="Fiduciaire fictive",
        department=Department.objects.get(code="976"),
    )
    page = text_of(client, row)
    assert set(re.findall(r'data-flag="(\w+)"', page)) == {
        "compte",
        "comptable",
        "messagerie",
        "nom",
        "territoire",
    }


def test_two_people_of_one_webmail_have_nothing_in_common(agent: User) -> None:
    row = make_request(user=make_user(email="ada.fictive@gmail.com"))
    other = make_request(user=make_user(email="bob.fictif@gmail.com"))
    other.refresh_from_db()
    assert other.email_domain == "gmail.com"
    assert not gather(row, agent).related


@pytest.mark.req("D59")
def test_a_known_establishment_shows_its_accesses_and_those_of_its_company(
    client: Client, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator counts however many others there are, and only while active."""
    monkeypatch.setattr(evidence, "ACCESS_LIMIT", 1)
    row = make_request()
    place = make_establishment(siret=row.siret)
    boss = make_access(
        establishment=place, administrator=True, granted_at=NOW - timedelta(days=900)
    )
    newer = make_access(establishment=place)
    sister = make_establishment(siret=f"{row.siret[:9]}00090", name="Garage frère (fictif)")
    held = make_access(establishment=sister)
    page = text_of(client, row)
    for words in (
        "Établissement déjà connu",
        str(newer.user),
        "Les administrateurs de l’établissement seront prévenus",
        "Comptes d’autres établissements de l’entreprise",
        str(held.user),
        "Garage frère (fictif)",
    ):
        assert words in page, words
    assert "Premier administrateur" not in page
    User.objects.filter(pk=boss.user_id).update(status=Status.DEACTIVATED_BY_ADMIN)
    assert not gather(row, agent).has_administrator


@pytest.mark.req("D54")
def test_the_refused_request_that_this_one_follows_is_shown_among_many(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "RELATED_LIMIT", 1)
    person = make_user(email="jo.fictif@atelier.example.org")
    refused = closed(make_request(user=person, now=NOW - timedelta(days=40)))
    row = make_request(user=person)
    row.resubmission_of = refused
    for number in range(2):
        make_request(user=make_user(email=f"p{number}@atelier.example.org"))
    found = gather(row, agent)
    assert found.previous is not None and found.previous.request == refused
    assert found.more_related and refused not in [line.request for line in found.related]


@pytest.mark.req("D55")
def test_a_new_establishment_is_registered_under_the_agents_spelling(client: Client) -> None:
    row = make_request(company_name="GARGE FICTIF")
    fields = {"role": "gestionnaire", "establishment": "Garage  fictif"}
    client.post(address_of(row, "approve"), posted(row, **fields))
    access = Access.objects.select_related("establishment").get(user=row.user)
    assert access.establishment is not None
    assert access.establishment.name == "Garage fictif"
    second = make_request(siret=row.siret, company_name="Autre nom")
    page = text_of(client, second)
    assert "Garage fictif</strong>, déjà enregistré" in page
    client.post(
        address_of(second, "approve"), posted(second, role="gestionnaire", establishment="X")
    )
    access.establishment.refresh_from_db()
    assert access.establishment.name == "Garage fictif"


def test_the_page_costs_the_same_whatever_surrounds_the_request(
    client: Client, agent: User
) -> None:
    row = make_request(assignee=agent)
    client.get(QUEUE)  # what a first page writes to the session
    place = make_establishment(siret=row.siret)
    make_access(establishment=place)
    make_request(siret=row.siret)
    few = cost(client, address_of(row))
    for _ in range(5):
        make_access(establishment=place)
        closed(make_request(siret=row.siret))
    assert cost(client, address_of(row)) == few
    assert few <= 40


@pytest.mark.req("R46")
def test_looking_at_any_address_of_a_request_changes_nothing(client: Client) -> None:
    row = make_request()
    before = Request.objects.values().get(pk=row.pk)
    assert client.head(address_of(row)).status_code == 200
    for act in ("approve", "refuse", "take", "release", "reroute"):
        assert client.get(address_of(row, act)).status_code == 302
    assert client.get(f"/admin/registrations/request/{row.pk}/history/").status_code == 302
    assert Request.objects.values().get(pk=row.pk) == before
    assert not Mail.objects.exists()


@pytest.mark.req("S22", "S23")
def test_an_act_without_the_token_is_refused(agent: User) -> None:
    row = make_request()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(agent)
    answer = strict.post(
        address_of(row, "approve"), posted(row, role="gestionnaire", person=str(agent.public_id))
    )
    # Back to the page, where who had typed something finds it again.
    assert (answer.status_code, answer.headers["Location"]) == (302, address_of(row))
    row.refresh_from_db()
    assert row.status == "submitted"
    assert not Access.objects.exists()


@pytest.mark.req("S22", "S12")
def test_the_auditor_reads_and_does_not_act() -> None:
    client = client_of(make_staff(StaffRole.AUDITOR))
    row = make_request()
    page = text_of(client, row)
    assert "Lecture seule" in page
    assert "Accepter et prévenir" not in page
    for act in ("approve", "refuse", "take", "release", "reroute"):
        assert (
            client.post(address_of(row, act), posted(row, role="gestionnaire")).status_code == 403
        )
    row.refresh_from_db()
    assert row.status == "submitted"


# --- approve ---


@pytest.mark.req("R46", "R45", "D5")
def test_approving_opens_the_access_and_says_what_was_sent(client: Client, agent: User) -> None:
    row, following = make_request(), make_request()
    page = text_of(client, row)
    assert '<option value="gestionnaire" selected>Gestionnaire (profil demandé)</option>' in page
    response = client.post(address_of(row, "approve"), posted(row, role="gestionnaire"))
    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.status, row.granted_role) == ("approved", "gestionnaire")
    assert row.decided_by == agent.public_id
    assert Access.objects.get(user=row.user).role == "gestionnaire"
    assert Entry.objects.filter(act="request.approved", actor=str(agent.public_id)).exists()
    mail = Mail.objects.get(kind="registrations.approved")
    letter = build_message(mail, NOW)
    assert letter is not None
    assert row.user.email in messages_of(response)
    assert letter.subject in messages_of(response)
    assert letter.text in page  # shown before it leaves
    page = text_of(client, row)
    assert "Ada Fictive" in page
    assert following.reference in page


# --- refuse ---


@pytest.mark.req("D11", "R45", "S45")
def test_the_preview_is_the_mail_that_leaves_and_the_note_stays_inside(client: Client) -> None:
    row, reason = make_request(), make_reason(may_resubmit=False)
    choices = unescape(str(RefuseForm(row)["refusal"]))
    assert f'data-text="{reason.text}" data-own="non" data-resubmit="non"' in choices
    fields = posted(row, refusal=reason.code, text="Première ligne.\r\n\r\nDeuxième <b>ligne</b>.")
    fields["internal_note"] = "Vu avec le siège"
    preview = client.post(address_of(row, "refuse"), {**fields, "step": "preview"})
    row.refresh_from_db()
    assert row.status == "submitted"
    assert not Mail.objects.exists()
    page = preview.text
    subject = re.search(r'data-preview="subject">([^<]+)<', page)
    text = re.search(r'<pre[^>]*data-preview="text"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert subject and text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    sent = {name: unescape(value) for name, value in hidden.items()}
    client.post(address_of(row, "refuse"), {**sent, "step": "send"})
    row.refresh_from_db()
    assert row.status == "refused"
    letter = build_message(Mail.objects.get(kind="registrations.refused"), NOW)
    assert letter is not None
    assert letter.subject == unescape(subject[1])
    assert letter.text == unescape(text[1])
    assert "Première ligne.\n\nDeuxième <b>ligne</b>." in letter.text
    assert letter.to == row.user.email
    assert "Vu avec le siège" not in letter.text
    assert "Vu avec le siège" in text_of(client, row)


@pytest.mark.req("D11", "S45", "D54")
def test_a_refusal_without_a_reason_is_not_previewed(client: Client) -> None:
    """Nor does a missing reason make a stale page fresh (D54)."""
    row = make_request()
    make_reason("ancien", enabled=False)
    assert "refusal" in RefuseForm(row, {"refusal": "", "text": "Mon texte"}).errors
    Request.objects.filter(pk=row.pk).update(version=2)
    fields = posted(row, refusal="ancien", text="Mon texte", step="send")
    response = client.post(address_of(row, "refuse"), fields)
    assert response.status_code == 200
    assert 'href="#refuse_refusal"' in response.text
    assert 'name="version" value="1"' in response.text
    row.refresh_from_db()
    assert row.status == "submitted"


# --- take, release ---


def test_a_request_is_taken_then_put_back(client: Client, agent: User) -> None:
    row = make_request()
    client.post(address_of(row, "take"))
    row.refresh_from_db()
    assert row.assignee == agent
    assert "Remettre en file" in text_of(client, row)
    colleague = client_of(make_staff(delegations=("IDF",)))
    assert "Ada Fictive" in text_of(colleague, row)
    assert "prise en charge par Ada Fictive" in messages_of(colleague.post(address_of(row, "take")))
    assert "cette personne seule" in messages_of(colleague.post(address_of(row, "release")))
    client.post(address_of(row, "release"))
    row.refresh_from_db()
    assert row.assignee is None


# --- somebody was faster ---


@pytest.mark.req("S23", "R46")
def test_a_request_decided_by_a_colleague_says_by_whom_and_when(client: Client) -> None:
    row = make_request()
    bob = make_user(first_name="Bob", last_name="Fictif")
    colleague = make_staff(delegations=("IDF",), user=bob)
    decide.approve_request(row.pk, version=1, role="gestionnaire", actor_user=colleague, now=NOW)
    reason = make_reason()
    for fields in (
        posted(row, refusal=reason.code, text="Mon texte", step="preview"),
        posted(row, refusal=reason.code, text="Mon texte", step="send"),
    ):
        response = client.post(address_of(row, "refuse"), fields)
        assert response.status_code == 302
        words = messages_of(response)
        assert "déjà acceptée par Bob Fictif" in words
        assert "mardi 17 mars 2026" in words
    row.refresh_from_db()
    assert row.status == "approved"
    assert Mail.objects.filter(kind="registrations.refused").count() == 0
    page = text_of(client, row)
    assert "Bob Fictif" in page
    assert "Accepter et prévenir" not in page


@pytest.mark.req("D54")
def test_a_page_opened_before_a_correction_is_told_what_changed(client: Client) -> None:
    row = make_request()
    opened = dict(re.findall(r'name="(version|seen)" value="(\d+)"', text_of(client, row)))
    answers = make_answers(siret=row.siret, company_name="Garage corrigé fictif")
    amend_request(row.pk, row.user, answers, NOW + timedelta(minutes=1))
    fields = {"refusal": make_reason().code, "text": "Mon motif", "step": "preview"}
    response = client.post(address_of(row, "refuse"), {**opened, **fields})
    assert response.status_code == 409
    page = unescape(response.text)
    assert "a changé depuis l’ouverture de cette page" in page
    assert "Demande corrigée, le mardi 17 mars 2026" in page
    assert "Garage corrigé fictif" in page
    assert "Mon motif" in page and "preview-title" not in page
    row.refresh_from_db()
    assert row.status == "submitted"
    # Having read it again, the reviewer decides on what he now sees.
    again = dict(re.findall(r'name="(version|seen)" value="(\d+)"', page))
    client.post(address_of(row, "approve"), {**again, "role": "gestionnaire"})
    row.refresh_from_db()
    assert row.status == "approved"


@pytest.mark.req("S23")
def test_a_version_that_makes_no_sense_is_a_stale_page(client: Client) -> None:
    row = make_request()
    assert [parse_number(text) for text in ("abc", "-1", "9" * 40, "١", "12")] == [0, 0, 0, 0, 12]
    fields = {"version": "", "seen": "", "role": "adherent", "reason": "Mon motif"}
    response = client.post(address_of(row, "approve"), fields)
    assert response.status_code == 409 and "Mon motif" in response.text
    row.refresh_from_db()
    assert row.status == "submitted"


# --- the page itself ---


@pytest.mark.req("S42", "S44", "S47")
def test_the_page_is_in_french_and_each_field_has_its_label(client: Client) -> None:
    make_reason()
    row = make_request()
    make_request(siret=row.siret)
    page = client.get(address_of(row)).text
    content = page[page.index('id="content"') :]
    identifiers = re.findall(
        r'<(?:select|textarea|input)[^>]*\bid="([^"]+)"', content.replace("hidden", "")
    )
    assert len(identifiers) >= 7
    assert "Prendre en charge" in content
    for identifier in identifiers:
        assert f'for="{identifier}"' in content, identifier
    assert content.count("<h1") == 1
    assert "<table" in content
    assert content.count("<table") == content.count("<caption")
    words = set(re.findall(r"[A-Za-z]+", re.sub(r"<[^>]+>", " ", content)))
    assert not words & {"Save", "History", "Delete", "Change", "Required", "Yes", "No", "None"}
