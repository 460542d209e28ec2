"""Staff pages lead to what belongs to their row, as far as the agent may go."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.acts import HabilitationAct
from accounts.habilitations.enums import StaffRole
from mgestion.admin import related_rows, row_kinds
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_journal_entry
from mgestion.outbox.flows import queue_mail
from mgestion.outbox.models import Mail
from registrations.requests.enums import RegistrationAct
from tests.factories.habilitations import NOW, make_access, make_staff, make_user
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import make_request
from tests.undrawn import undrawn

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
]
SYSTEM = Actor.system("tests")


def page_of(row: Any) -> str:
    return row_kinds.get_row_url(row)


def links(client: Client, address: str) -> set[str]:
    page = client.get(address)
    assert page.status_code == 200
    return links_of(page.text)


def links_of(page: str) -> set[str]:
    content = page.partition('id="content"')[2]
    return {found.replace("&amp;", "&") for found in re.findall(r'href="(/admin/[^"]+)"', content)}


@pytest.fixture
def world() -> dict[str, Any]:
    """A person, their request, their access at its establishment, a mail and a line about it."""
    person = make_user(first_name="Zélie", last_name="Exemple")
    access = make_access(user=person)
    place = access.establishment
    request = make_request(user=person, siret=place.siret, delegation="IDF")
    queue_mail("registrations.acknowledgment", subject=request.pk, person=person.public_id, now=NOW)
    line = write_journal_entry(
        RegistrationAct.REQUEST_REFUSED,
        actor=SYSTEM,
        person=person.public_id,
        object_type="request",
        object_id=str(request.pk),
        now=NOW,
    )
    mail = Mail.objects.get(subject_id=request.pk)
    return {
        "account": person,
        "access": access,
        "establishment": place,
        "request": request,
        "mail": mail,
        "line": line,
    }


@pytest.mark.both
def test_every_page_leads_to_what_belongs_to_it(world: dict[str, Any]) -> None:
    client = client_of(make_staff(StaffRole.AUDITOR))
    expected = {
        "account": {"request", "access", "mail", "line"},
        "access": {"account", "establishment", "request"},
        "establishment": {"access", "request"},
        "request": {"account", "access", "establishment", "mail", "line"},
        "mail": {"account", "request"},
        "line": {"account", "request"},
    }
    for name, others in expected.items():
        found = links(client, page_of(world[name]))
        missing = {other for other in others if page_of(world[other]) not in found}
        assert not missing, f"{name} leads to no {missing}"


def test_no_page_has_a_link_that_refuses_its_reader(world: dict[str, Any]) -> None:
    for role in (StaffRole.AUDITOR, StaffRole.DPO, StaffRole.REVIEWER):
        scope = ("IDF",) if role == StaffRole.REVIEWER else ()
        client = client_of(make_staff(role, delegations=scope))
        leading: dict[str, str] = {}  # address → the page that leads to it
        for row in world.values():
            page = client.get(page_of(row))
            if page.status_code == 200:
                leading |= dict.fromkeys(links_of(page.text), page_of(row))
        assert leading, role
        with undrawn():
            for address, before in leading.items():
                status = client.get(address).status_code
                assert status in (200, 405), f"{role}: {before} → {address}"


@pytest.mark.both
def test_a_reviewer_is_told_nothing_outside_of_their_scope(world: dict[str, Any]) -> None:
    there = make_request(siret=world["request"].siret, delegation="ARA")
    client = client_of(make_staff(StaffRole.REVIEWER, delegations=("IDF",)))
    for name in ("request", "access", "establishment"):
        page = client.get(page_of(world[name])).text
        assert there.reference not in page
        assert str(there.pk) not in page
    # A typed address: the list of what belongs to a row that is out of the scope is empty.
    far = client_of(make_staff(StaffRole.REVIEWER, delegations=("ARA",)))
    listed = far.get(
        reverse("admin:habilitations_access_changelist"), {"lie": f"request:{world['request'].pk}"}
    )
    assert listed.context["cl"].result_count == 0
    assert world["request"].reference not in listed.text


def test_what_is_gone_says_so_and_leads_nowhere(world: dict[str, Any]) -> None:
    client = client_of(make_staff(StaffRole.AUDITOR))
    gone = uuid4()
    line = write_journal_entry(
        RegistrationAct.REQUEST_REFUSED,
        actor=SYSTEM,
        person=gone,
        object_type="request",
        object_id=str(gone),
        now=NOW,
    )
    page = client.get(page_of(line)).text
    assert "demande supprimé" in page
    assert f"un compte supprimé ({str(gone)[:8]})" in page
    # Who may not open requests at all is not told which ones are gone.
    dpo = client_of(make_staff(StaffRole.DPO)).get(page_of(line)).text
    assert "demande supprimé" not in dpo


@pytest.mark.both
def test_a_whole_list_holds_what_its_page_counts(world: dict[str, Any]) -> None:
    client = client_of(make_staff(StaffRole.NATIONAL))
    for _ in range(related_rows.SHOWN + 1):
        write_journal_entry(
            HabilitationAct.ACCESS_ENDED,
            actor=SYSTEM,
            object_type="access",
            object_id=str(world["access"].pk),
            now=NOW,
        )
    [whole] = [one for one in links(client, page_of(world["access"])) if "lie=access" in one]
    assert client.get(whole).context["cl"].result_count == related_rows.SHOWN + 1
    # The queue shows closed ones too, once it is asked what belongs to somebody.
    person = world["account"].public_id
    listed = client.get(f"/admin/registrations/request/?statut=toutes&lie=account:{person}")
    assert listed.context["cl"].result_count == 1
    assert "lie=account" not in listed.context["cl"].get_query_string(remove=["lie"])


def test_a_list_asked_for_what_belongs_to_nonsense_is_empty_or_whole() -> None:
    make_access()
    client = client_of(make_staff(StaffRole.NATIONAL))
    for value in ("", "x", "account:", "account:x", "nothing:1", ":", "a:b:c"):
        page = client.get(reverse("admin:habilitations_access_changelist"), {"lie": value})
        assert page.status_code == 200, value
        assert page.context["cl"].result_count == (0 if value else 1), value


def test_every_relation_leads_to_a_kind_that_has_a_page() -> None:
    from mgestion import slots

    kinds = row_kinds.get_kinds()
    assert all(row_kinds.get_admin(kind.model) for kind in kinds.values())
    pairs = [(one.of, one.kind) for relations in slots.related_rows.values() for one in relations]
    assert len(pairs) == len(set(pairs))
    assert all(kind in kinds and of in (*kinds, related_rows.ANY) for of, kind in pairs)
