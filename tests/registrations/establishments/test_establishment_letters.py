"""Asking for another role, and an establishment that lost its last administrator (D31, D59)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.habilitations.accesses import flows as habilitations
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import select_establishments_without_administrator
from accounts.leaving.account_departures import deactivate_account
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.establishments import orphans, role_flows
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_user
from tests.factories.people import letters

pytestmark = pytest.mark.usefixtures("reference")
OPCO = Actor.system("tests")


@pytest.fixture
def chief(place: Establishment, client: Client) -> Access:
    access = make_access(user=make_user(), establishment=place, administrator=True)
    client.force_login(access.user)
    return access


@pytest.fixture
def held(place: Establishment) -> Access:
    return make_access(user=make_user(first_name="Bob", last_name="Zut"), establishment=place)


def ask(client: Client, access: Access, choice: str) -> Any:
    key = access.establishment.key
    path = f"/m-gestion/utilisateurs/{key}/{access.user.public_id}/role/"
    return client.post(path, {"choice": choice})


@pytest.mark.req("D31")
def test_a_role_is_asked_of_the_delegation_and_changes_nothing(
    client: Client, chief: Access, held: Access
) -> None:
    assert ask(client, held, f"{held.pk}:administrateur").status_code == 302
    ask(client, held, f"{held.pk}:administrateur")  # the same day: the same mail
    (mail,) = letters(role_flows.ROLE_ASKED_MAIL, now=NOW)
    delegation = held.establishment.department.delegation
    assert delegation is not None and mail.to == delegation.email
    assert f"/admin/habilitations/access/{held.pk}/change/" in mail.text
    for told in (mail.text, mail.html):
        assert "Zut" not in told and held.user.email not in told
    held.refresh_from_db()
    assert held.role == "gestionnaire"
    assert Entry.objects.filter(act="access.role_asked").exists()
    Access.objects.filter(pk=held.pk).update(role="administrateur")
    assert letters(role_flows.ROLE_ASKED_MAIL, now=NOW) == []


@pytest.mark.req("S22", "S14")
def test_no_role_is_asked_for_another_establishment_or_access(
    client: Client, chief: Access, held: Access
) -> None:
    foreign = make_access()
    assert ask(client, foreign, f"{foreign.pk}:administrateur").status_code == 404
    for choice in (f"{foreign.pk}:administrateur", f"{held.pk}:consultant-x", f"{held.pk}:", ""):
        assert ask(client, held, choice).status_code == 200
    with pytest.raises(Refused):
        role_flows.ask_for_role(
            chief.user,
            chief.establishment.key,
            held.user.public_id,
            access_id=foreign.pk,
            role="administrateur",
            now=NOW,
        )
    assert not Mail.objects.exists()


@pytest.mark.req("D31")
def test_the_loss_of_the_last_administrator_is_told_once_and_by_no_name(
    chief: Access, held: Access, place: Establishment
) -> None:
    assert orphans.notify_lost_administrators(NOW) == {"told": 0}
    deactivate_account(chief.user, actor=OPCO, reason="left", now=NOW)
    for hours in (1, 2):
        orphans.notify_lost_administrators(NOW + timedelta(hours=hours))
    (mail,) = letters(orphans.NO_ADMINISTRATOR_MAIL, now=NOW)
    delegation = place.department.delegation
    assert delegation is not None and mail.to == delegation.email
    assert "Garage fictif du Port" in mail.subject
    assert list(select_establishments_without_administrator()) == [place]


def test_every_way_of_losing_him_is_seen(chief: Access, held: Access) -> None:
    habilitations.grant_access(
        user=chief.user,
        platform_code=chief.platform.code,
        role="gestionnaire",
        establishment=chief.establishment,
        dashboard="automobile",
        actor=OPCO,
        reason="",
        now=NOW,
    )
    assert orphans.notify_lost_administrators(NOW) == {"told": 1}
    later = NOW + timedelta(days=1)
    Access.objects.filter(pk=chief.pk).update(role="administrateur")
    assert letters(orphans.NO_ADMINISTRATOR_MAIL, now=NOW) == []  # somebody looks after it again
    habilitations.end_access(chief.pk, actor=OPCO, reason="left", now=later)
    assert orphans.notify_lost_administrators(later) == {"told": 1}
    assert (
        Mail.objects.filter(kind=orphans.NO_ADMINISTRATOR_MAIL).count() == 2
    )  # another loss, another mail


def test_nobody_is_told_when_another_one_is_there_or_nobody_is_left(
    chief: Access, held: Access, place: Establishment
) -> None:
    second = make_access(establishment=place, administrator=True)
    deactivate_account(chief.user, actor=OPCO, reason="left", now=NOW)
    assert orphans.notify_lost_administrators(NOW) == {"told": 0}
    User.objects.filter(pk=held.user_id).update(status=Status.CLOSING)
    deactivate_account(second.user, actor=OPCO, reason="left", now=NOW)
    assert orphans.notify_lost_administrators(NOW) == {"told": 0}
