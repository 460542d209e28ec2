"""Every act on an invitation in every state and by everybody: two tables, cell by cell."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsVersion
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.invitations import flows
from registrations.invitations.acceptance_flows import accept_invitation
from registrations.invitations.account_flows import choose_password
from registrations.invitations.models import Invitation
from registrations.requests.models import Request
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.invitations import ANSWERS, make_invitation
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
LATER = NOW + timedelta(minutes=10)  # another mail may leave
# What is accepted once more gets the outcome of the first time.
STATES = """
act              pending  expired      accepted     revoked
accept           ok       wrong_state  ok           wrong_state
choose_password  ok       link_used    link_used    link_used
resend           ok       ok           wrong_state  wrong_state
revoke           ok       ok           wrong_state  wrong_state
revoke_by_staff  ok       ok           wrong_state  wrong_state
"""
WHO = """
act              invited       other         inviter       deputy        neighbour     elsewhere     reviewer  outsider      auditor       national
accept           ok            not_yours     not_yours     not_yours     not_yours     not_yours     not_yours not_yours     not_yours     not_yours
resend           not_yours     not_yours     ok            ok            not_yours     not_yours     not_yours not_yours     not_yours     not_yours
revoke           not_yours     not_yours     ok            ok            not_yours     not_yours     not_yours not_yours     not_yours     not_yours
revoke_by_staff  out_of_scope  out_of_scope  out_of_scope  out_of_scope  out_of_scope  out_of_scope  ok        out_of_scope  out_of_scope  ok
"""  # noqa: E501 - a table
Cells = Iterator[tuple[str, str, str]]


def cells(table: str) -> Cells:
    heads, *rows = [line.split() for line in table.strip().splitlines()]
    for act, *outcomes in rows:
        for column, outcome in zip(heads[1:], outcomes, strict=True):
            yield act, column, outcome


class Scene:
    """An invitation to M-Gestion in the garage of Paris, and all who might touch it."""

    def __init__(self, terms: TermsVersion) -> None:
        self.terms = terms
        self.garage = make_establishment()
        self.people: dict[str, User] = {
            "invited": make_newcomer(),
            "other": make_newcomer(),
            "inviter": self._administrator(self.garage),
            "deputy": self._administrator(self.garage),
            "neighbour": self._administrator(self.garage, "m-contributions"),
            "elsewhere": self._administrator(make_establishment()),
            "reviewer": make_staff(delegations=("IDF",)),
            "outsider": make_staff(delegations=("BRE",), dgas=("DGA-URBAIN",)),
            "auditor": make_staff("auditor"),
            "national": make_staff("national"),
        }
        self.invitation = make_invitation(
            self.people["inviter"], self.garage, email=self.people["invited"].email
        )

    def _administrator(self, place: Establishment, code: str = "m-gestion-entreprise") -> User:
        user, platform = make_user(), Platform.objects.get(code=code)
        make_access(user=user, establishment=place, platform=platform, administrator=True)
        return user

    def act(self, act: str, who: str) -> Callable[[], object]:
        user, pk, key = self.people[who], self.invitation.pk, self.garage.key
        self.invitation.refresh_from_db()
        return {
            "accept": lambda: accept_invitation(user, pk, answers=ANSWERS, now=LATER),
            "choose_password": lambda: choose_password(
                self.invitation, password_hash="!x", terms=self.terms, now=LATER
            ),
            "resend": lambda: flows.resend_invitation(user, key, pk, now=LATER),
            "revoke": lambda: flows.revoke_invitation(user, key, pk, now=LATER),
            "revoke_by_staff": lambda: flows.revoke_invitation_by_staff(
                pk, actor=Actor.staff(user), now=LATER
            ),
        }[act]

    def bring_to(self, state: str) -> None:
        if state == "expired":
            Invitation.objects.filter(pk=self.invitation.pk).update(expires_at=NOW)
        elif state == "accepted":
            self.act("accept", "invited")()
        elif state == "revoked":
            self.act("revoke", "inviter")()


def find_outcome(run: Callable[[], object]) -> str:
    """The code of the refusal, « ok » otherwise, which is taken back: the caller then looks whether
    a refusal has left anything.
    """
    savepoint = transaction.savepoint()
    try:
        run()
    except Refused as refusal:
        transaction.savepoint_commit(savepoint)
        return refusal.code
    transaction.savepoint_rollback(savepoint)
    return "ok"


def _read_traces() -> tuple[object, ...]:
    rows = list(Invitation.objects.order_by("pk").values())
    return rows, Entry.objects.count(), Mail.objects.count(), Request.objects.count()


USUAL = {"accept": "invited", "choose_password": "invited", "revoke_by_staff": "reviewer"}


@pytest.mark.req("D69", "S23")
def test_each_act_in_each_state(terms: TermsVersion) -> None:
    scene, wrong = Scene(terms), []
    for state in ("pending", "expired", "accepted", "revoked"):
        with rolled_back():
            scene.bring_to(state)
            before = _read_traces()
            for act, column, outcome in cells(STATES):
                if column == state:
                    found = find_outcome(scene.act(act, USUAL.get(act, "inviter")))
                    if found != outcome:
                        wrong.append(f"{act} {state}: {found}, {outcome} wanted")
            assert _read_traces() == before, state
    assert not wrong, "\n".join(wrong)


@pytest.mark.req("D69", "S14", "S22")
def test_each_act_by_each_of_them(terms: TermsVersion) -> None:
    scene, wrong = Scene(terms), []
    before = _read_traces()
    for act, who, outcome in cells(WHO):
        found = find_outcome(scene.act(act, who))
        if found != outcome:
            wrong.append(f"{act} {who}: {found}, {outcome} wanted")
    assert not wrong, "\n".join(wrong)
    assert _read_traces() == before
