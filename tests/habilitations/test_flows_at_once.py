"""Two decisions at the same moment, on two real connections of PostgreSQL: one establishment, one
access."""

from functools import partial

import pytest
from django.db import transaction

from accounts.habilitations.accesses import flows
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.reference.models import Branch, Department
from accounts.people.models import User
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.habilitations import (
    NOW,
    grant,
    load_reference,
    make_access,
    make_establishment,
    make_user,
)
from tests.together import run_together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@transaction.atomic
def _approve(user: User, siret: str, role: str) -> Access:
    establishment = flows.create_establishment(
        siret=siret,
        kind="entreprise",
        name="Garage fictif",
        department=Department.objects.get(code="75"),
        branch=Branch.objects.get(code="automobile"),
        now=NOW,
    )
    return grant(user, establishment, role)


def test_two_approvals_at_once_make_one_establishment_and_one_access_a_person() -> None:
    load_reference()
    user = make_user()
    for attempt in range(1, 4):
        siret = f"7328293200{attempt:04d}"
        found = run_together(*[partial(_approve, user, siret, Role.GESTIONNAIRE)] * 2)
        assert not [one for one in found if isinstance(one, Exception)]
        assert Establishment.objects.count() == attempt
        assert Access.objects.count() == attempt
        assert Entry.objects.filter(act="access.granted").count() == attempt
    run_together(
        partial(_approve, make_user(), "73282932000074", Role.GESTIONNAIRE),
        partial(_approve, make_user(), "73282932000074", Role.ADMINISTRATEUR),
    )
    assert Access.objects.filter(establishment__siret="73282932000074").count() == 2
    assert Establishment.objects.count() == 4


def test_two_roles_granted_at_once_leave_one_access_and_two_ends_at_once_are_one() -> None:
    load_reference()
    user, establishment = make_user(), make_establishment()
    administrator = make_access(establishment=establishment, administrator=True).user
    run_together(
        partial(_approve, user, establishment.siret, Role.GESTIONNAIRE),
        partial(_approve, user, establishment.siret, Role.ADHERENT),
    )
    access = Access.objects.get(user=user)
    acts = sorted(Entry.objects.filter(object_id=str(access.pk)).values_list("act", flat=True))
    assert acts == ["access.granted", "access.role_changed"]  # both in the journal
    assert Mail.objects.filter(person=administrator.public_id).count() == 2

    @transaction.atomic
    def end() -> Access:
        return flows.end_access(access.pk, actor=Actor.system("test"), reason="left", now=NOW)

    found = run_together(end, end)
    assert sorted(type(one).__name__ for one in found) == ["Access", "WrongState"]
    assert Entry.objects.filter(act="access.ended").count() == 1
