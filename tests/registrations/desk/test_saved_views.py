"""The lists that agents keep under a name, and share with their délégation (R44)."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation
from accounts.habilitations.staff.permissions import get_staff
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from registrations.desk.queue import saved_view_flows
from registrations.desk.queue.models import SavedView
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import QUEUE, make_request

VIEWS = f"{QUEUE}vues/"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "clock"),
    pytest.mark.req("R44"),
]


def _save(client: Client, name: str, query: str, delegation: str = "") -> SavedView | None:
    place = f"?_changelist_filters={query.replace('&', '%26').replace('=', '%3D')}"
    client.post(VIEWS + place, {"name": name, "delegation": delegation})
    return SavedView.objects.filter(name=name).first()


def _list_names(agent: User) -> set[str]:
    """Of the views above this agent's list."""
    staff = get_staff(agent)
    assert staff is not None
    return {view.name for view in saved_view_flows.list_shown_views(agent, staff)}


def _read(client: Client, address: str = QUEUE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_a_list_is_kept_with_its_filters_and_its_sort_and_never_with_a_search() -> None:
    client = client_of(make_staff(delegations=("IDF",)))
    _save(client, "  Les <i>CFA</i>  ", "type=cfa&q=Lefevre&o=-recue&p=3&foo=1")
    view = SavedView.objects.get(name="Les <i>CFA</i>")
    assert (view.query, view.delegation) == ("o=-recue&type=cfa", None)
    page = client.get(f"{QUEUE}?{view.query}").text
    assert "Les &lt;i&gt;CFA&lt;/i&gt;" in page
    assert "<i>CFA</i>" not in page
    # The same name again takes the filters of this list.
    _save(client, "Les <i>CFA</i>", "type=of")
    view.refresh_from_db()
    assert view.query == "type=of"
    acts = Entry.objects.filter(act__startswith="queue_view.").values_list("act", flat=True)
    assert list(acts) == ["queue_view.saved"] * 2


@pytest.mark.req("S22")
def test_a_shared_view_is_read_in_the_delegation_and_changed_by_its_owner_or_a_national() -> None:
    agents = (
        make_staff(delegations=("IDF",)),
        make_staff(delegations=("IDF",)),
        make_staff(delegations=("BRE",)),
        make_staff(StaffRole.NATIONAL),
    )
    owner, colleague, stranger, national = (client_of(agent) for agent in agents)
    _, second, breton, boss = agents
    assert _save(owner, "À moi", "type=of") is not None
    shared = _save(owner, "À nous", "type=cfa", "IDF")
    assert shared is not None
    page = reverse("admin:registrations_request_view", args=[shared.pk])
    listed = _read(colleague)
    assert "À nous" in listed and "À moi" not in listed
    for nobody in (stranger, colleague):
        assert nobody.get(page).status_code == 404
        assert nobody.post(page, {"delete": "1"}).status_code == 404
    assert not _list_names(breton)
    assert "À moi" not in _list_names(boss)
    said = {"name": "À nous tous", "delegation": "BRE"}
    assert owner.post(page, said).status_code == 200  # not a délégation of theirs
    assert national.post(page, said).status_code == 302
    assert _list_names(breton) == {"À nous tous"}
    assert not _list_names(second)
    # Only its owner takes it back for themselves.
    assert "Seul son auteur" in html.unescape(
        national.post(page, {"name": "À nous tous", "delegation": ""}).text
    )
    assert owner.post(page, {"name": "À nous tous", "delegation": ""}).status_code == 302
    assert national.get(page).status_code == 404
    assert owner.post(page, {"delete": "1"}).status_code == 302
    assert not SavedView.objects.filter(pk=shared.pk).exists()


def test_a_view_without_a_name_or_too_many_of_them_are_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = make_staff(StaffRole.AUDITOR)
    client, staff = client_of(agent), get_staff(agent)
    assert staff is not None
    monkeypatch.setattr(saved_view_flows, "MOST_VIEWS", 1)
    assert "obligatoire" in _post(client, " ")
    assert _save(client, "Une", "") is not None
    page = _post(client, "Deux")
    assert "Vous avez déjà 1 vues" in page.replace("\u00a0", " ")
    assert 'value="Deux"' in page  # what was typed is kept
    assert SavedView.objects.count() == 1
    with pytest.raises(Refused):  # an auditor has no délégation to share with
        saved_view_flows.save_view(
            agent,
            staff,
            name="Une",
            query="",
            delegation=Delegation.objects.get(code="IDF"),
            now=NOW,
        )


def _post(client: Client, name: str) -> str:
    return html.unescape(client.post(VIEWS, {"name": name}).text)


def test_a_view_opens_the_list_that_it_kept() -> None:
    client = client_of(make_staff(delegations=("IDF",)))
    firm, other = make_request(dga="DGA-URBAIN"), make_request()
    view = _save(client, "Urbain", "dga=DGA-URBAIN&statut=a-traiter")
    assert view is not None
    page = _read(client, f"{QUEUE}?{view.query}")
    assert firm.reference in page
    assert other.reference not in page
    assert 'aria-current="page">Urbain' in page
