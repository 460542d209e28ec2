"""Every act on an access in every state: the table, cell by cell."""

from collections.abc import Callable

import pytest

from accounts.habilitations.accesses import flows, moving_flows
from accounts.habilitations.accesses.models import Access, AccessChange, Establishment
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from registrations.accesses import leave_flows
from registrations.desk.acts.access_files import ask_about_access
from registrations.establishments import role_flows
from tests.factories.accounts import NOW
from tests.factories.habilitations import make_access, make_establishment, make_staff
from tests.rolled_back import rolled_back

pytestmark = [pytest.mark.usefixtures("reference"), pytest.mark.django_db]
STATES = ("open", "suspended", "ended")
OUTCOMES = """
change_role         ok            no_access      no_access
end                 ok            ok             access_ended
suspend             ok            no_access      no_access
restore             not_suspended ok             not_suspended
move                ok            no_access      no_access
ask                 ok            ok             no_access
leave_platform      ok            ok             no_access
leave_establishment ok            ok             no_access
give_role           ok            not_yours      not_yours
"""
# In the feed of the platform, by act, of an open access; of a suspended one what is given in bar.
FED = {
    "change_role": "changed",
    "end": "ended",
    "suspend": "ended",
    "restore": "granted",
    "move": "ended granted",
    "ask": "",
    "leave_platform": "ended",
    "leave_establishment": "ended",
    "give_role": "changed",
}


def cells() -> list[tuple[str, str, str]]:
    rows = [line.split() for line in OUTCOMES.strip().splitlines()]
    return [
        (act, state, out) for act, *outs in rows for state, out in zip(STATES, outs, strict=True)
    ]


def in_state(state: str) -> Access:
    platform = Platform.objects.get(code="m-campus-entreprise")
    AdmissionRule.objects.filter(platform=platform, role__in=("gestionnaire", "adherent")).update(
        administrator_changes=True
    )
    access = make_access(platform=platform, dashboard="")
    if state == "suspended":
        flows.suspend_access(access.pk, reason="x", actor=Actor.system("tests"), now=NOW)
    elif state == "ended":
        flows.end_access(access.pk, reason="left", actor=Actor.system("tests"), now=NOW)
    return access


def verb(
    act: str, access: Access, agent: User, chief: User, to: Establishment
) -> Callable[[], object]:
    staff, key = Actor.staff(agent), access.establishment.key
    pk, person = access.pk, access.user
    return {
        "change_role": lambda: flows.change_role(
            pk, role=Role.ADHERENT, dashboard="", actor=staff, reason="x", now=NOW
        ),
        "end": lambda: flows.end_access(pk, actor=staff, reason="left", now=NOW),
        "suspend": lambda: flows.suspend_access(pk, reason="x", actor=staff, now=NOW),
        "restore": lambda: flows.restore_access(pk, actor=staff, now=NOW),
        "move": lambda: moving_flows.move_access(pk, to=to, reason="x", actor=staff, now=NOW),
        "ask": lambda: ask_about_access(pk, message="Kbis ?", actor_user=agent, now=NOW),
        "leave_platform": lambda: leave_flows.leave_platform(person, access.public_id, now=NOW),
        "leave_establishment": lambda: leave_flows.leave_establishment(person, key, now=NOW),
        "give_role": lambda: role_flows.change_colleague_role(
            chief, key, person.public_id, access_id=pk, role=Role.ADHERENT, now=NOW
        ),
    }[act]


@pytest.mark.req("R110", "R111", "D70", "S22")
def test_each_act_in_each_state() -> None:
    """What is refused leaves no trace; what is done is journaled, and told to the platform."""
    agent, to = make_staff(delegations=("IDF",)), make_establishment()
    accesses = {state: in_state(state) for state in STATES}
    chiefs = {
        state: make_access(
            establishment=access.establishment,
            platform=access.platform,
            administrator=True,
            dashboard="",
        ).user
        for state, access in accesses.items()
    }
    wrong = []
    before = list(Access.objects.order_by("pk").values())
    lines = Entry.objects.count(), Mail.objects.count(), AccessChange.objects.count()

    def try_cell(act: str, state: str, outcome: str) -> None:
        access = Access.objects.get(pk=accesses[state].pk)
        run = verb(act, access, agent, chiefs[state], to)
        found = "ok"
        try:
            run()
        except Refused as refusal:
            found = refusal.code
        now = Entry.objects.count(), Mail.objects.count(), AccessChange.objects.count()
        if found != "ok" and (
            now != lines or list(Access.objects.order_by("pk").values()) != before
        ):
            found += " and left something"
        if found == "ok" and now[0] == lines[0]:
            found = "not journaled"
        told = " ".join(
            AccessChange.objects.filter(platform=access.platform)
            .order_by("number")
            .values_list("kind", flat=True)[lines[2] :]
        )
        wanted = FED[act] if outcome == "ok" and (state == "open" or act == "restore") else ""
        if found != outcome or told != wanted:
            wrong.append(f"{act} {state}: {found}, told {told!r}; {outcome}, {wanted!r} wanted")

    for cell in cells():
        with rolled_back():
            try_cell(*cell)
    assert not wrong, "\n".join(wrong)
