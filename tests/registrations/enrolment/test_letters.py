"""What the letters of a request say, to whom, and when they have nothing left to say."""

import re
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.habilitations.reference.models import Delegation, Department, Dga
from accounts.people.models import User
from mgestion.database.append_only import purge_window
from mgestion.outbox.catalogue.rendering import Message
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.enrolment.amend_flows import cancel_request
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_staff
from tests.factories.registrations import make_request

pytestmark = pytest.mark.usefixtures("reference")
LATER = NOW + timedelta(minutes=1)


def _letter(kind: str) -> Message | None:
    return build_message(Mail.objects.get(kind=f"registrations.{kind}"), LATER)


def _sent(kind: str) -> Message:
    """Whose subject is short and holds no name nor SIRET, as that of each letter."""
    letter = _letter(kind)
    assert letter is not None
    request = Request.objects.get()
    assert len(letter.subject) <= 70
    assert request.company_name not in letter.subject and request.siret not in letter.subject
    return letter


def _both(letter: Message) -> tuple[str, str]:
    """The text, and the HTML as words."""
    words = re.sub(r"<[^>]+>", " ", letter.html).replace("&nbsp;", "\u00a0")
    return letter.text, " ".join(words.split(" "))


@pytest.mark.req("R43", "S56", "S58", "S59", "R134")
def test_the_acknowledgment_says_reference_establishment_due_time_and_contact() -> None:
    request = make_request(first_name="Zoé", last_name="Fictive", company_name="Garage fictif")
    letter = _sent("acknowledgment")
    assert letter.to == request.user.email
    assert letter.reply_to == "delegation-idf@example.org"
    assert letter.subject == "Votre demande d’accès à M-Gestion a bien été enregistrée"
    assert letter.text.startswith("Bonjour Zoé Fictive,")
    siret = request.siret
    for part in _both(letter):
        for words in (
            request.reference,
            "Garage fictif",
            f"{siret[:3]}\u202f{siret[3:6]}\u202f{siret[6:9]}\u202f{siret[9:]}",
            "jusqu’à 48\u00a0h",
            "jeudi 19 mars 2026 à 10\u00a0h\u00a000 (heure de Paris)",
            "Délégation régionale Île-de-France",
            "delegation-idf@example.org",
            f"/demandes/{request.reference}/",
            "/confidentialite/",
            "204 Rond-Point du Pont de Sèvres",
            "Cordialement",
            "Vous recevez ce message parce que",
        ):
            assert words in part or words in letter.html


@pytest.mark.req("S58", "S60", "R38", "R117")
def test_the_delegations_letter_holds_a_link_and_no_personal_value() -> None:
    request = make_request(
        first_name="Zoé", last_name="Singulière", company_name="Ateliers Uniques"
    )
    letter = _sent("to_delegation")
    assert letter.to == "delegation-idf@example.org"
    assert f"/admin/registrations/request/{request.pk}/" in letter.text
    assert request.reference in letter.subject
    whole = letter.subject + letter.text + letter.html
    for value in ("Zoé", "Singulière", "Uniques", request.siret, request.phone, request.email_key):
        assert value not in whole


@pytest.mark.req("R49")
@pytest.mark.parametrize("with_dga", [True, False])
def test_without_delegation_the_notice_goes_to_the_dga_or_the_national_contact(
    with_dga: bool,
) -> None:
    Department.objects.filter(code="975").update(delegation=None)
    request = make_request(department="975")
    if not with_dga:
        Request.objects.filter(pk=request.pk).update(dga=None)
    expected = Dga.objects.get(code="DGA-AUTO").email if with_dga else "contact@opcomobilites.fr"
    letter = _sent("to_delegation")
    assert letter.to == expected
    assert "file à orienter" in letter.text


@pytest.mark.req("R45", "R134", "S59")
def test_the_approval_names_establishment_siret_role_and_delegation() -> None:
    request = make_request(status=RequestStatus.APPROVED, agent=make_staff("national"))
    letter = _sent("approved")
    assert letter.to == request.user.email
    assert "acceptée" in letter.subject
    for words in ("Gestionnaire", request.company_name, "Délégation régionale", "/m-gestion/"):
        assert words in letter.text
        assert words in letter.html


@pytest.mark.req("R45", "S59", "D11")
def test_the_refusal_gives_the_motive_and_the_way_to_correct() -> None:
    request = make_request(status=RequestStatus.REFUSED, agent=make_staff("national"))
    letter = _sent("refused")
    for words in (
        "Le SIRET ne correspond pas à l’établissement",
        "Le SIRET ne correspond pas.",
        "Corriger et renvoyer",
        request.company_name,
        f"/demandes/{request.reference}/",
        "Votre compte reste ouvert.",
    ):
        assert words in letter.text
        assert words in letter.html


@pytest.mark.req("D11")
def test_a_refusal_that_forbids_it_proposes_no_correction() -> None:
    agent = make_staff("national")
    make_request(status=RequestStatus.REFUSED, agent=agent, reason="cabinet-comptable")
    letter = _sent("refused")
    assert "Corriger et renvoyer" not in letter.text + letter.html
    assert "ne permet pas de renvoyer" in letter.text


@pytest.mark.req("S23")
def test_a_name_adds_no_header_nor_markup_and_a_mended_mailbox_is_used() -> None:
    make_request(company_name="<b>Garage</b> & fils")
    letter = _sent("acknowledgment")
    assert "<b>Garage</b> & fils" in letter.text
    assert "<b>Garage" not in letter.html
    assert "\n" not in letter.subject
    Delegation.objects.filter(code="IDF").update(email="nouvelle-boite@example.org")
    assert _sent("to_delegation").to == "nouvelle-boite@example.org"


def test_letters_of_what_does_not_stand_any_more_say_nothing() -> None:
    agent = make_staff("national")
    request = make_request(status=RequestStatus.APPROVED, agent=agent)
    Request.objects.filter(pk=request.pk).update(status=RequestStatus.SUBMITTED, decided_at=None)
    assert _letter("approved") is None
    cancel_request(request.pk, request.user, LATER)
    assert _letter("acknowledgment") is None
    assert _letter("to_delegation") is None


def test_letters_of_a_person_who_is_gone_say_nothing() -> None:
    request = make_request()
    with transaction.atomic(), purge_window():
        User.objects.filter(pk=request.user_id).delete()
    assert _letter("acknowledgment") is None
    assert _letter("to_delegation") is None
