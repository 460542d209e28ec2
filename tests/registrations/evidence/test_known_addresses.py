"""What an address proves, how much a signal is worth, and what may be accepted jointly for it."""

import html
from datetime import timedelta

import pytest

from accounts.habilitations.accesses.models import Access
from accounts.people.enums import Status
from accounts.people.models import User
from registrations.evidence.contact_files import ContactLine
from registrations.evidence.contact_flows import replace_known_contacts
from registrations.evidence.hint_figures import count_hint_figures
from registrations.evidence.known_addresses import find_known_addresses
from registrations.evidence.models import HintFigure
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request, RequestEvent
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import QUEUE, closed, make_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "clock")]


def codes(row: Request) -> set[str]:
    return {known.code for known in find_known_addresses([row])[row.pk]}


def administrator_beside(row: Request, email: str) -> Access:
    """Of another establishment of the same company."""
    place = make_establishment(siret=f"{row.siret[:9]}00090")
    return make_access(user=make_user(email=email), establishment=place, administrator=True)


@pytest.mark.req("D59")
def test_a_domain_is_known_by_an_accepted_administrator_of_the_company() -> None:
    row = make_request(user=make_user(email="zoe@garage-test.example.org"))
    assert codes(row) == set()
    boss = administrator_beside(row, "ada@garage-test.example.org")
    assert codes(row) == {"domaine-connu"}
    stranger = make_request(user=make_user(email="bob@garage-test.example.org"))
    assert codes(stranger) == set()  # another company
    User.objects.filter(pk=boss.user_id).update(status=Status.SUSPENDED)
    assert codes(row) == set()
    User.objects.filter(pk=boss.user_id).update(status=Status.ACTIVE)
    Access.objects.filter(pk=boss.pk).update(ended_at=NOW)
    assert codes(row) == set()


def test_a_webmail_and_ones_own_access_prove_nothing() -> None:
    row = make_request(user=make_user(email="zoe.fictive@gmail.com"))
    administrator_beside(row, "ada.fictive@gmail.com")
    assert codes(row) == set()
    own = make_request(user=make_user(email="zoe@seule.example.org"))
    place = make_establishment(siret=own.siret)
    make_access(user=own.user, establishment=place, administrator=True)
    assert codes(own) == set()


def test_a_listed_contact_counts_for_its_company() -> None:
    row = make_request(user=make_user(email="zoe@garage-test.example.org"))
    agent = make_staff("national")
    for siret, expected in (("", True), (row.siret, True), ("99980262200012", False)):
        lines = [ContactLine("Zoe@garage-test.example.org", siret, "")]
        replace_known_contacts(lines, actor_user=agent, now=NOW)
        assert codes(row) == ({"contact-connu"} if expected else set())


@pytest.mark.req("D69", "R46")
def test_requests_of_a_known_address_are_accepted_jointly() -> None:
    agent = make_staff(delegations=("IDF",))
    client = client_of(agent)
    row = make_request(user=make_user(email="zoe@garage-test.example.org"))
    administrator_beside(row, "ada@garage-test.example.org")
    plain = make_request()
    said = {"act": "accepter", "items": [row.pk, plain.pk]}
    page = html.unescape(client.post(f"{QUEUE}lot/", said).text)
    assert "a une adresse en @garage-test.example.org" in page
    assert "son adresse n’est pas connue" in page
    versions = [f"{row.pk}:{row.version}"]
    done = client.post(f"{QUEUE}lot/", {**said, "confirmed": "oui", "versions": versions})
    assert "1 demande traitée, 1 laissée en l’état" in html.unescape(done.text)
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("approved", agent.public_id)
    event = RequestEvent.objects.get(request=row, act=RequestAct.APPROVED)
    assert "@garage-test.example.org" in event.internal_note


def test_a_signal_says_how_often_it_ended_in_a_refusal() -> None:
    def webmail(number: int) -> Request:
        return make_request(user=make_user(email=f"zoe.fictive{number}@gmail.com"))

    for number in range(8):
        closed(webmail(number), "refused" if number < 3 else "approved")
    old = closed(webmail(8), "refused")
    Request.objects.filter(pk=old.pk).update(decided_at=NOW - timedelta(days=366))
    row = webmail(9)
    client = client_of(make_staff(delegations=("IDF",)))
    address = f"{QUEUE}{row.pk}/change/"
    count_hint_figures(NOW)
    figure = HintFigure.objects.get(code="messagerie")
    assert (figure.carried, figure.refused) == (8, 3)
    assert "data-worth" not in client.get(address).text  # too few to say anything
    for number in range(10, 12):
        closed(webmail(number), "refused")
    count_hint_figures(NOW)
    page = html.unescape(client.get(address).text)
    assert "5\u00a0refus sur 10\u00a0demandes décidées qui le portaient" in page
    assert HintFigure.objects.get(code="domaine-connu").carried == 0
