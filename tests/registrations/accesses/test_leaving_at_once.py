"""A departure and another act on the same access at the same moment: one outcome."""

from collections.abc import Callable

import pytest

from accounts.habilitations.accesses import flows as habilitations
from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.accesses import leave_flows as flows
from registrations.desk.acts.decide import approve_request
from tests.factories.habilitations import NOW, load_reference, make_access, make_staff
from tests.factories.registrations import make_request
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def _by_staff(access: Access, agent: User) -> dict[str, Callable[[], object]]:
    actor = Actor.staff(agent)
    return {
        "role": lambda: habilitations.change_role(
            access.pk,
            role=Role.ADHERENT,
            dashboard="automobile",
            actor=actor,
            reason="Demandé",
            now=NOW,
        ),
        "suspension": lambda: habilitations.suspend_access(
            access.pk, reason="Sans réponse.", actor=actor, now=NOW
        ),
        "end": lambda: habilitations.end_access(access.pk, reason="left", actor=actor, now=NOW),
    }


@pytest.mark.req("R111", "D70")
@pytest.mark.parametrize("act", ["role", "suspension", "end", "again"])
def test_the_departure_stands_whatever_happens_beside_it(act: str) -> None:
    load_reference()
    access = make_access()
    key = access.establishment.key
    others = _by_staff(access, make_staff(delegations=("IDF",)))
    others["again"] = lambda: flows.leave_platform(access.user, access.public_id, now=NOW)
    found = run_together(lambda: flows.leave_establishment(access.user, key, now=NOW), others[act])
    assert {type(one).__name__ for one in found if isinstance(one, Exception)} <= {"WrongState"}
    access.refresh_from_db()
    assert access.ended_at is not None and access.suspended_at is None
    assert Entry.objects.filter(act="access.ended").count() == 1
    assert Mail.objects.filter(kind=flows.LEFT_MAIL).count() == (
        1 if not isinstance(found[0], Exception) or act == "again" else 0
    )


@pytest.mark.req("R111", "D70", "S23")
def test_a_request_that_is_accepted_while_its_author_leaves_leaves_nothing_open() -> None:
    load_reference()
    access = make_access()
    agent = make_staff(delegations=("IDF",))
    request = make_request(
        access.user, siret=access.establishment.siret, profile="ENT-ADMIN", now=NOW
    )
    found = run_together(
        lambda: flows.leave_platform(access.user, access.public_id, now=NOW),
        lambda: approve_request(
            request.pk,
            version=request.version,
            role=Role.ADMINISTRATEUR,
            evidence="Extrait Kbis fictif",
            actor_user=agent,
            now=NOW,
        ),
    )
    assert {type(one).__name__ for one in found if isinstance(one, Exception)} <= {"WrongState"}
    assert not Access.objects.open().filter(user=access.user).exists()
    request.refresh_from_db()
    assert not request.is_open
