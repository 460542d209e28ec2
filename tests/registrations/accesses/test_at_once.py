"""Two acts on one access at the same moment, on two real connections of PostgreSQL."""

import pytest

from accounts.habilitations.accesses import flows, moving_flows
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from registrations.desk.acts.access_files import ask_about_access
from registrations.establishments import role_flows
from registrations.requests.models import Request
from tests.factories.habilitations import (
    NOW,
    grant,
    load_reference,
    make_access,
    make_establishment,
    make_staff,
)
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def names(found: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in found)


@pytest.mark.req("D67")
def test_a_move_and_a_grant_there_leave_one_access_there() -> None:
    load_reference()
    access, to = make_access(), make_establishment()
    agent = make_staff(delegations=("IDF",))
    found = run_together(
        lambda: moving_flows.move_access(
            access.pk, to=to, reason="x", actor=Actor.staff(agent), now=NOW
        ),
        lambda: grant(access.user, to, Role.ADHERENT),
    )
    there = Access.objects.open().filter(user=access.user, establishment=to)
    assert there.count() == 1
    access.refresh_from_db()
    # Moved first: the grant changes its role. Granted first: the move is refused, and nothing ends.
    assert (access.ended_at is None) == isinstance(found[0], Exception)


@pytest.mark.req("R109")
def test_two_agents_who_ask_at_once_open_one_file() -> None:
    load_reference()
    access = make_access()
    agents = [make_staff(delegations=("IDF",)) for _ in range(2)]
    found = run_together(
        *[
            lambda agent=agent: ask_about_access(
                access.pk, message="Votre mandat.", actor_user=agent, now=NOW
            )
            for agent in agents
        ]
    )
    assert names(found) == ["Asking", "WrongState"]
    assert Request.objects.count() == 1
    assert Mail.objects.filter(kind="registrations.document_asked").count() == 1


@pytest.mark.req("D31", "D66")
def test_an_administrator_and_an_agent_who_change_one_role_leave_what_one_of_them_decided() -> None:
    """If the agent makes the colleague an administrator first, nobody lowers them any more."""
    load_reference()
    campus = Platform.objects.get(code="m-campus-entreprise")
    AdmissionRule.objects.filter(platform=campus, role__in=("gestionnaire", "adherent")).update(
        administrator_changes=True
    )
    mine = make_access(platform=campus, administrator=True, dashboard="")
    held = make_access(platform=campus, establishment=mine.establishment, dashboard="")
    key = mine.establishment.key
    found = run_together(
        lambda: role_flows.change_colleague_role(
            mine.user, key, held.user.public_id, access_id=held.pk, role=Role.ADHERENT, now=NOW
        ),
        lambda: flows.change_role(
            held.pk,
            role=Role.ADMINISTRATEUR,
            dashboard="",
            actor=Actor.staff(make_staff()),
            reason="Demandé",
            now=NOW,
        ),
    )
    held.refresh_from_db()
    assert held.role == Role.ADMINISTRATEUR
    assert isinstance(found[1], Access)
    assert isinstance(found[0], Access) or type(found[0]).__name__ == "Refused"
