"""« Mon établissement »: who an Administrateur sees, and what he may do (D31, R86–R93, D64)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.habilitations.accesses.flows import suspend_access
from accounts.habilitations.accesses.models import Access, AccessChange, Establishment
from accounts.habilitations.platforms.models import Platform
from accounts.leaving.account_departures import ADMIN_DEACTIVATED
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from mgestion.text.dates import end_of_paris_day
from registrations.establishments import colleague_flows as flows
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_staff, make_user
from tests.factories.people import client_of, letters
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")
LIST = "/m-gestion/utilisateurs/"


@pytest.fixture
def colleague(place: Establishment) -> User:
    colleague = make_user(
        first_name="Bob",
        last_name="Collègue",
        last_activity_at=datetime.fromisoformat("2026-02-14T10:00:00+00:00"),
    )
    make_access(user=colleague, establishment=place)
    return colleague


def act(client: Client, verb: str, place: Establishment, person: User, **posted: str) -> Any:
    return client.post(f"{LIST}{place.key}/{person.public_id}/{verb}/", posted)


def status(person: User) -> str:
    person.refresh_from_db()
    return person.status


@pytest.mark.req("D64", "R86")
def test_the_list_shows_role_month_and_state_and_never_the_day(
    client: Client, chief: User, colleague: User
) -> None:
    page = client.get(LIST).text
    assert "Bob Collègue" in page and "Gestionnaire" in page and "Actif" in page
    assert "Février 2026" in page
    assert "14 février" not in page and "14/02" not in page


def test_the_page_costs_the_same_with_more_accounts(
    client: Client, chief: User, colleague: User, place: Establishment
) -> None:
    client.get(LIST)  # the day's activity is noted
    before = cost(client, LIST)
    for _ in range(2):
        make_access(establishment=place)
    assert cost(client, LIST) == before


@pytest.mark.req("S22", "D31")
def test_only_an_administrateur_has_the_page(client: Client, colleague: User) -> None:
    client.force_login(colleague)
    assert client.get(LIST).status_code == 404
    assert "utilisateurs" not in client.get("/m-gestion/").text


def test_the_dashboard_of_an_administrateur_leads_there(client: Client, chief: User) -> None:
    assert f'href="{LIST}?etablissement=' in client.get("/m-gestion/").text


@pytest.mark.req("R92", "D39")
def test_the_pop_in_and_the_page_without_javascript_say_the_same(
    client: Client, chief: User, colleague: User, place: Establishment
) -> None:
    sentence = "définitivement supprimé dans un délai de 15\u00a0jours calendaires"
    listed = client.get(LIST).text
    assert f'<dialog class="dialog" id="desactiver-{colleague.public_id}"' in listed
    link = f"{LIST}{place.key}/{colleague.public_id}/desactiver/"
    assert f'href="{link}" data-dialog-open="desactiver-{colleague.public_id}"' in listed
    page = client.get(link).text
    for shown in (listed, page):
        assert sentence in shown
    assert status(colleague) == Status.ACTIVE


@pytest.mark.req("R86", "R87", "R93", "D32")
def test_deactivating_ends_the_account_and_sends_one_mail(
    client: Client, chief: User, colleague: User, place: Establishment
) -> None:
    other = client_of(colleague)
    with time_machine.travel(NOW, tick=False):
        answer = act(client, "desactiver", place, colleague, reason="left")
    assert answer.headers["Location"].startswith(LIST)
    assert status(colleague) == Status.DEACTIVATED_BY_ADMIN
    assert other.get("/compte/").status_code == 302  # every session ended
    (mail,) = letters(ADMIN_DEACTIVATED, now=NOW)
    assert mail.to == colleague.email
    assert Mail.objects.filter(person=colleague.public_id).count() == 1
    entry = Entry.objects.get(act="account.deactivated")
    assert (entry.actor_kind, entry.actor, entry.reason) == (
        "person",
        str(chief.public_id),
        "left",
    )


def test_a_reason_is_asked(
    client: Client, chief: User, colleague: User, place: Establishment
) -> None:
    for reason in ("", "breach", "n’importe"):
        answer = act(client, "desactiver", place, colleague, reason=reason)
        assert "Choisissez un motif" in answer.text
        assert "Erreur\u00a0:" in answer.text
    assert status(colleague) == Status.ACTIVE


@pytest.mark.req("R90", "D25", "R88")
def test_the_last_day_is_shown_and_reactivating_works_until_then(
    client: Client, chief: User, colleague: User, place: Establishment
) -> None:
    act(client, "desactiver", place, colleague, reason="left")
    assert "15\u00a0jours à compter de l’envoi" in client.get(LIST).text
    limit = end_of_paris_day(date(2026, 4, 1))
    User.objects.filter(pk=colleague.pk).update(revivable_until=limit)
    with time_machine.travel(limit - timedelta(minutes=1), tick=False):
        client.force_login(chief)
        assert "jusqu’au mercredi 1er avril 2026 inclus" in client.get(LIST).text
        act(client, "reactiver", place, colleague)
    assert status(colleague) == Status.ACTIVE
    assert Access.objects.get(user=colleague).ended_at is None


@pytest.mark.req("R88")
def test_after_day_15_nobody_brings_it_back(
    client: Client, chief: User, colleague: User, place: Establishment
) -> None:
    flows.deactivate_colleague(chief, place.key, colleague.public_id, reason="left", now=NOW)
    User.objects.filter(pk=colleague.pk).update(revivable_until=NOW)
    with pytest.raises(Refused) as refused:
        flows.reactivate_colleague(chief, place.key, colleague.public_id, now=NOW)
    assert refused.value.code == "too_late"


@pytest.mark.req("D31")
def test_never_himself(client: Client, chief: User, place: Establishment) -> None:
    act(client, "desactiver", place, chief, reason="left")
    assert status(chief) == Status.ACTIVE
    with pytest.raises(Refused):
        flows.deactivate_colleague(chief, place.key, chief.public_id, reason="left", now=NOW)


@pytest.mark.req("D31")
def test_never_an_agent_of_opco(client: Client, chief: User, place: Establishment) -> None:
    agent = make_staff("reviewer", delegations=("IDF",))
    make_access(user=agent, establishment=place)
    act(client, "desactiver", place, agent, reason="left")
    assert status(agent) == Status.ACTIVE
    with pytest.raises(Refused):
        flows.deactivate_colleague(chief, place.key, agent.public_id, reason="left", now=NOW)


@pytest.mark.req("D31", "S22", "S14")
def test_never_another_establishment_by_any_id(
    client: Client, chief: User, place: Establishment, colleague: User
) -> None:
    foreign = make_access()
    theirs = foreign.establishment
    for establishment, person in (
        (theirs, foreign.user),  # all theirs
        (place, foreign.user),  # their person under my establishment
        (theirs, colleague),  # my person under theirs
    ):
        for verb in ("desactiver", "reactiver"):
            answer = act(client, verb, establishment, person, reason="left")
            assert answer.status_code == 404
        with pytest.raises(Refused) as refused:
            flows.deactivate_colleague(
                chief,
                establishment.key,
                person.public_id,
                reason="left",
                now=NOW,
            )
        assert refused.value.code == "not_yours"
    assert foreign.user.full_name not in client.get(f"{LIST}?etablissement={theirs.key}").text
    assert status(foreign.user) == status(colleague) == Status.ACTIVE


@pytest.mark.req("D31")
def test_a_person_with_an_access_elsewhere_only_loses_the_accesses_here(
    client: Client, chief: User, place: Establishment, colleague: User
) -> None:
    away = make_access(user=colleague)
    assert "Terminer les accès" in client.get(LIST).text
    act(client, "desactiver", place, colleague, reason="left")
    assert status(colleague) == Status.ACTIVE
    away.refresh_from_db()
    assert away.ended_at is None
    assert not Access.objects.filter(user=colleague, establishment=place, ended_at=None).exists()
    (mail,) = letters("registrations.access_ended", now=NOW)
    assert mail.to == colleague.email and "Votre compte reste ouvert" in mail.text
    assert not Mail.objects.filter(kind=ADMIN_DEACTIVATED).exists()


@pytest.mark.req("D31")
def test_a_suspended_access_elsewhere_counts_for_opco_may_give_it_back(
    client: Client, chief: User, place: Establishment, colleague: User
) -> None:
    away = make_access(user=colleague)
    suspend_access(away.pk, reason="Justificatif", actor=Actor.staff(make_staff()), now=NOW)
    act(client, "desactiver", place, colleague, reason="left")
    assert status(colleague) == Status.ACTIVE
    away.refresh_from_db()
    assert away.suspended_at == NOW


def test_several_accesses_end_in_the_order_in_which_an_erasure_takes_the_platforms(
    client: Client, chief: User, place: Establishment, colleague: User
) -> None:
    make_access(user=colleague)  # elsewhere: only the accesses here end
    Access.objects.filter(user=colleague, establishment=place).delete()
    platforms = list(Platform.objects.order_by("pk"))
    for platform in reversed(platforms):
        make_access(user=colleague, establishment=place, platform=platform, dashboard="")
    act(client, "desactiver", place, colleague, reason="left")
    told = AccessChange.objects.order_by("pk").values_list("platform_id", flat=True)
    assert list(told) == [platform.pk for platform in platforms]


def test_who_looks_after_both_establishments_ends_the_whole_account(
    client: Client, chief: User, place: Establishment, colleague: User
) -> None:
    away = make_access(user=colleague)
    make_access(user=chief, establishment=away.establishment, administrator=True)
    act(client, "desactiver", place, colleague, reason="left")
    assert status(colleague) == Status.DEACTIVATED_BY_ADMIN


@pytest.mark.req("D31", "R91")
def test_a_deactivated_administrateur_has_no_rights_left(
    chief: User, place: Establishment, colleague: User
) -> None:
    """Of two who deactivate each other at once, the second one is told no."""
    Access.objects.filter(user=colleague).update(role="administrateur")
    flows.deactivate_colleague(chief, place.key, colleague.public_id, reason="left", now=NOW)
    with pytest.raises(Refused) as refused:
        flows.deactivate_colleague(colleague, place.key, chief.public_id, reason="left", now=NOW)
    assert refused.value.code == "not_yours"
    assert status(chief) == Status.ACTIVE


@pytest.mark.req("D26")
def test_what_no_administrateur_did_he_does_not_undo(
    client: Client, chief: User, place: Establishment, colleague: User
) -> None:
    for state in (Status.DEACTIVATED_INACTIVE, Status.CLOSING, Status.SUSPENDED):
        User.objects.filter(pk=colleague.pk).update(status=state)
        assert "Réactiver" not in client.get(LIST).text, state
        act(client, "reactiver", place, colleague)
        act(client, "desactiver", place, colleague, reason="left")
        assert status(colleague) == state
