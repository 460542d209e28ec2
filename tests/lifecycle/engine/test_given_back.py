"""Days that a request under review kept are given back once it is decided (D41, D51, D72)."""

from datetime import date, timedelta

import pytest

from accounts.leaving import account_departures
from accounts.people.models import User
from lifecycle.engine.brakes import holds
from lifecycle.enums import LedgerLine
from lifecycle.models import LedgerEntry, LifecycleCase
from mgestion.journal.actors import Actor
from registrations.desk.acts.decide import refuse_request
from registrations.enrolment.amend_flows import cancel_request
from registrations.requests.models import RefusalReason, Request
from tests.factories.habilitations import make_staff
from tests.factories.registrations import load_reasons, make_request
from tests.lifecycle.people import notified
from tests.lifecycle.world import at, deliver, status_of, sweep, tick, ticks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ACTOR = Actor.system("test")


def decide(request: Request, day: str) -> None:
    """A favourable or unfavourable decision is the same here."""
    load_reasons()
    refuse_request(
        request.pk,
        version=Request.objects.get(pk=request.pk).version,
        reason=RefusalReason.objects.get(code="siret-identite"),
        text="Le SIRET ne correspond pas.",
        actor_user=make_staff("national"),
        now=at(day),
    )


def deletion_day(user: User) -> date | None:
    return LifecycleCase.objects.get(user=user, closed_at=None).deletion_last_day


def asking(day: str) -> tuple[User, Request]:
    request = make_request(now=at(day))
    return request.user, request


@pytest.mark.req("D72", "D41", "R88")
def test_a_decision_gives_back_the_days_of_whom_an_administrator_deactivated() -> None:
    user, request = asking("2026-02-27")
    account_departures.deactivate_account(
        user, actor=ACTOR, reason="left", now=at("2026-03-02 11:00")
    )
    ticks("2026-03-02 12:00", "2026-03-02 13:00")
    assert deletion_day(user) == date(2026, 3, 17)
    ticks("2026-03-18", "2026-03-25 14:00")
    decide(request, "2026-03-25 15:00")
    tick(at("2026-03-25 15:07"))
    assert deletion_day(user) == date(2026, 4, 9)  # 23 days on
    user = User.objects.get(pk=user.pk)
    assert user.revivable_until == at("2026-04-10 00:00")
    (line,) = LedgerEntry.objects.filter(line=LedgerLine.PAUSE_ENDED)
    assert line.last_day == date(2026, 4, 9)
    tick(at("2026-04-09 23:59"))
    assert status_of(user.pk) == "deactivated_by_admin"
    tick(at("2026-04-10 00:00"))
    assert status_of(user.pk) == "deleted"


@pytest.mark.req("D72", "D41", "R97")
def test_a_decision_gives_back_the_days_of_whom_was_warned() -> None:
    user = notified()
    request = make_request(user, now=at("2026-03-20"))
    User.objects.filter(pk=user.pk).update(clock_from=at("2024-03-10"))  # no activity
    ticks("2026-03-20 13:00", "2026-03-27", "2026-04-10 14:00")
    assert status_of(user.pk) == "notified"
    cancel_request(request.pk, user, at("2026-04-10 15:00"))
    tick(at("2026-04-10 15:07"))
    assert status_of(user.pk) == "notified"
    case = LifecycleCase.objects.get(user=user)
    assert case.notice_last_day == date(2026, 4, 16)  # 26 March and 21 days
    tick(at("2026-04-17"))
    assert status_of(user.pk) == "deactivated_inactive"


@pytest.mark.req("D72", "D51")
@pytest.mark.parametrize(
    ("held", "released", "decided"),
    [
        (10, 14, 20),  # the hold inside the request
        (1, 25, 20),  # the request ends inside the hold
        (10, 25, 20),  # crossing
    ],
)
def test_days_that_a_request_and_a_hold_share_are_given_once(
    held: int, released: int, decided: int
) -> None:
    user, request = asking("2026-02-20")
    account_departures.deactivate_account(
        user, actor=ACTOR, reason="left", now=at("2026-02-27 11:00")
    )
    tick(at("2026-02-27 12:00"))
    sweep(at("2026-02-27 13:00"))
    before = deletion_day(user)
    assert before == date(2026, 3, 14)
    for day in sorted((held, released, decided)):
        moment = at(f"2026-03-{day:02d}")
        if day == held:
            holds.place_hold(user, reason="legal", actor=ACTOR, now=moment)
        elif day == released:
            holds.release_hold(user, actor=ACTOR, now=moment)
        else:
            decide(request, f"2026-03-{day:02d}")
        sweep(moment)
    deliver(at("2026-03-26"))
    whole = max(released, decided) + 1  # from 27 February to the last end, in days of March
    assert deletion_day(user) == before + timedelta(days=whole)
