"""A justificatif is asked about any access, at any time, on any platform (R109, R110)."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.desk.acts.access_files import ask_about_access, find_access_file
from registrations.desk.acts.reopen import reopen_request
from registrations.desk.home.statistics import read_statistics
from registrations.documents import flows as documents_flows
from registrations.documents.jobs import send_document_reminders
from registrations.requests import suspension_flows
from registrations.requests.enums import RequestOrigin, RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_establishment, make_staff, make_user
from tests.factories.people import client_of, letters
from tests.registrations.acting import in_state
from tests.registrations.desk.staff_pages import find_listed

pytestmark = [pytest.mark.usefixtures("reference", "now"), pytest.mark.django_db]
LONG_AGO = NOW - timedelta(days=400)


@pytest.fixture
def access() -> Access:
    """An accounting firm's, on M-Contributions, granted by an agent last year."""
    return make_access(
        user=make_user(first_name="Nora", last_name="Comptable"),
        platform=Platform.objects.get(code="m-contributions"),
        establishment=make_establishment(
            kind="cabinet_comptable", branch=None, name="Cabinet fictif"
        ),
        role=Role.CABINET_COMPTABLE,
        dashboard="",
        granted_at=LONG_AGO,
    )


def ask(access: Access, agent: User, **more: Any) -> Request:
    said = {"message": "Votre mandat, s’il vous plaît.", "documents": "Mandat", **more}
    return ask_about_access(access.pk, actor_user=agent, now=NOW, **said).request


def address(access: Access) -> str:
    return reverse("admin:registrations_access_file", args=[access.public_id])


@pytest.mark.req("R109")
def test_the_page_of_an_access_asks_for_a_document_and_opens_its_file(
    agent: User, access: Access
) -> None:
    desk = client_of(agent)
    change = reverse("admin:habilitations_access_change", args=[access.pk])
    assert address(access) in desk.get(change).text
    assert "Demander un justificatif" in desk.get(address(access)).text
    said = {"message": "Votre mandat.", "documents": "Mandat", "last_day": "2026-04-01"}
    assert (
        "Choisissez une date entre"
        in desk.post(address(access), {**said, "last_day": "2026-03-01"}).text
    )
    assert not Request.objects.exists(), "what is refused leaves no file"
    # The exact mail first, with the reference that the file will have; nothing is kept of it.
    shown = desk.post(address(access), said)
    assert access.user.email in shown.text and "Votre mandat." in shown.text
    assert not Request.objects.exists() and not Mail.objects.exists()
    (reference,) = set(re.findall(r"MG-\w{4}-\w{4}", shown.text))
    back = desk.post(address(access), {**said, "reference": reference, "step": "edit"}).text
    assert "Votre mandat." in back and 'name="message"' in back and "qui va partir" not in back
    page = desk.post(address(access), {**said, "reference": reference, "step": "send"}, follow=True)
    file = Request.objects.get()
    assert file.reference == reference
    assert page.redirect_chain[-1][0].startswith(
        reverse("admin:registrations_request_change", args=[file.pk])
    )
    assert "sans demande" in page.text and "Prolonger" in page.text
    assert "Rouvrir la demande" not in page.text
    assert (file.origin, file.status, file.platform, file.establishment) == (
        RequestOrigin.STAFF,
        RequestStatus.APPROVED,
        access.platform,
        access.establishment,
    )
    assert (file.last_name, file.company_name, file.granted_role) == (
        "Comptable",
        "Cabinet fictif",
        Role.CABINET_COMPTABLE,
    )
    assert file.decided_at == LONG_AGO and file.declared_at is None
    assert Entry.objects.filter(act="request.filed", actor=str(agent.public_id)).exists()
    (letter,) = letters(documents_flows.ASKED_MAIL)
    assert letter.to == access.user.email and "Votre mandat." in letter.text
    assert html.escape(letter.text) in shown.text
    for status in ("", "&statut=a-traiter"):
        assert find_listed(agent, f"origine=agent{status}") == {file.reference}
    # From now on the file is the place.
    assert file.reference in desk.get(change).text
    assert "a déjà un dossier" in desk.get(address(access), follow=True).text


@pytest.mark.req("R109", "R110", "D45")
def test_the_whole_road_of_a_document_on_another_platform_than_m_gestion(
    agent: User, access: Access
) -> None:
    """Asked, reminded, prolonged, without an answer suspended there only, sent, given back."""
    elsewhere = make_access(user=access.user, establishment=make_establishment())
    twin = make_access(
        user=access.user, establishment=access.establishment, platform=Platform.objects.get(
            code="m-campus-entreprise"
        ), dashboard="",
    )  # fmt: skip
    file = ask(access, agent)
    person = client_of(access.user)
    status = reverse("registrations:request_status", args=[file.reference])
    page = person.get(status).text
    assert "Votre mandat, s’il vous plaît." in page and "Justificatif de mon accès" in page
    assert "Demande acceptée" not in page and "Ma demande" not in page
    (letter,) = letters(documents_flows.ASKED_MAIL)
    assert "Votre accès à M-Contributions attend votre réponse" in letter.subject
    assert "demande d’accès" not in letter.text and "pourra être suspendu" in letter.text
    assert send_document_reminders(NOW + timedelta(days=8)) == {"reminded": 1}
    file.refresh_from_db()
    documents_flows.prolong_asking(
        file.pk,
        version=file.version,
        last_day=(NOW + timedelta(days=20)).date(),
        actor_user=agent,
        now=NOW + timedelta(days=9),
    )
    late = NOW + timedelta(days=30)
    suspension_flows.suspend_access(file.pk, reason="Sans réponse.", actor_user=agent, now=late)
    access.refresh_from_db()
    assert access.suspended_at == late
    open_ones = set(Access.objects.open().filter(user=access.user))
    assert open_ones == {elsewhere, twin}, "that platform only, and that establishment only"
    assert "Sans réponse." in person.get("/services/").text
    answer = reverse("registrations:request_answer", args=[file.reference])
    assert person.post(answer, {"text": "Voici mon mandat."}).status_code == 302
    assert file.askings.get().answer == "Voici mon mandat."
    suspension_flows.restore_access(file.pk, actor_user=agent, now=late)
    access.refresh_from_db()
    assert access.ended_at is None and access.role == Role.CABINET_COMPTABLE


@pytest.mark.req("R109")
def test_every_access_may_have_a_file(agent: User) -> None:
    """Whatever an agent granted, also where the form would have asked for more."""
    for code, kind, role in (
        ("m-gestion-entreprise", "entreprise", Role.ADMINISTRATEUR),  # its branch is not known
        ("m-gestion-entreprise", "cabinet_rh", Role.CONSULTANT),
        ("m-gestion-of", "cfa", Role.ADMINISTRATEUR),
        ("m-gepp-solution", "cabinet_rh", Role.CONSULTANT),
    ):
        access = make_access(
            establishment=make_establishment(kind=kind, branch=None),
            platform=Platform.objects.get(code=code),
            role=role,
        )
        assert ask(access, agent) == find_access_file(access)


def test_an_access_that_a_request_opened_has_its_file_already(agent: User) -> None:
    request = in_state("approved", agent)
    access = Access.objects.get(user=request.user)
    assert find_access_file(access) == request
    with pytest.raises(WrongState, match=request.reference):
        ask(access, agent)


@pytest.mark.req("S22", "S14")
def test_neither_another_scope_nor_ones_own_nor_an_ended_access(
    agent: User, access: Access
) -> None:
    outsider = make_staff("reviewer", delegations=("BRE",), dgas=("DGA-URBAIN",))
    assert client_of(outsider).get(address(access)).status_code == 404
    for who, code in (
        (outsider, "out_of_scope"),
        (make_staff("auditor"), "not_allowed"),
        (access.user, "not_allowed"),
    ):
        with pytest.raises(Refused) as refused:
            ask(access, who)
        assert refused.value.code == code
    mine = make_access(user=agent, platform=access.platform, dashboard="")
    with pytest.raises(Refused, match="votre propre"):
        ask(mine, agent)
    Access.objects.filter(pk=access.pk).update(ended_at=NOW)
    assert client_of(agent).get(address(access)).status_code == 404
    with pytest.raises(WrongState):
        ask(access, agent)
    assert not Request.objects.exists() and not Mail.objects.exists()


def test_a_file_is_neither_reopened_nor_counted_as_a_decision(agent: User) -> None:
    file = ask(make_access(), agent)
    with pytest.raises(Refused) as refused:
        reopen_request(file.pk, version=file.version, reason="Erreur", actor_user=agent, now=NOW)
    assert refused.value.code == "no_request"
    staff = get_staff(agent)
    assert staff is not None
    done = read_statistics(staff, NOW + timedelta(minutes=1))
    assert (done.received, done.pace.decided) == (0, 0)
    assert Client().get(address(Access.objects.get())).status_code == 302
