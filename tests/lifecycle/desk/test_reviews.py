"""What must not stay by habit: agents' rights (D61), suspensions (D30), blocks (D62)."""

from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.leaving import account_departures, block_list
from accounts.people.models import BlockedPerson, User
from lifecycle import health
from lifecycle.desk.review_flows import confirm_review, queue_review_mails
from lifecycle.desk.reviews import _build_reviewed_accounts
from lifecycle.engine.emails import REVIEWS
from lifecycle.enums import ReviewKind
from lifecycle.models import Review
from lifecycle.rules import reviews
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_staff, make_user
from tests.factories.passkeys import give_passkey
from tests.lifecycle.world import Server, at, deliver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
LONG_AGO = at("2024-01-10")
JULY = at("2026-07-02 09:00")
PAGE = "admin:lifecycle_review_changelist"


def agent(role: str = StaffRole.REVIEWER, **facts: Any) -> User:
    return make_staff(role, user=make_user(**{"created_at": LONG_AGO, **facts}))


def block(since: datetime) -> BlockedPerson:
    return BlockedPerson.objects.create(digest="a" * 64, reason="breach", blocked_at=since)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-01 00:00", date(2026, 1, 1)),
        ("2026-06-30 23:59", date(2026, 1, 1)),
        ("2026-07-01 00:00", date(2026, 7, 1)),
        ("2026-12-31 23:59", date(2026, 7, 1)),
    ],
)
def test_a_review_of_the_agents_opens_twice_a_year_at_midnight_in_paris(
    moment: str, day: date
) -> None:
    assert reviews.get_review_start(at(moment)) == day


@pytest.mark.req("D61")
def test_a_confirmed_agent_is_left_alone_until_the_next_review() -> None:
    national, reviewer = agent(StaffRole.NATIONAL), agent()
    assert set(reviews.select_agents_to_review(JULY)) == {national, reviewer}
    confirm_review(reviewer, ReviewKind.AGENT, actor=Actor.staff(national), now=JULY)
    assert set(reviews.select_agents_to_review(at("2026-12-31"))) == {national}
    assert set(reviews.select_agents_to_review(at("2027-01-01"))) == {national, reviewer}
    line = Entry.objects.get(act="review.kept")
    assert (line.person, line.actor) == (reviewer.public_id, str(national.public_id))
    with pytest.raises(WrongState):
        confirm_review(reviewer, ReviewKind.AGENT, actor=Actor.staff(national), now=JULY)


def test_who_came_after_the_review_began_waits_for_the_next_one() -> None:
    newcomer = agent(created_at=at("2026-07-01 10:00"))
    assert newcomer not in reviews.select_agents_to_review(JULY)
    assert newcomer in reviews.select_agents_to_review(at("2027-01-01"))


def test_nobody_confirms_himself() -> None:
    national = agent(StaffRole.NATIONAL)
    with pytest.raises(Refused):
        confirm_review(national, ReviewKind.AGENT, actor=Actor.staff(national), now=JULY)
    assert not Review.objects.exists()


@pytest.mark.req("D61")
def test_each_national_administrator_gets_one_mail_a_month_until_all_is_done() -> None:
    first, second = agent(StaffRole.NATIONAL), agent(StaffRole.NATIONAL)
    agent(StaffRole.AUDITOR)
    queue_review_mails(JULY)
    queue_review_mails(at("2026-07-03"))
    assert set(Mail.objects.values_list("person", flat=True)) == {
        first.public_id,
        second.public_id,
    }
    deliver(JULY)
    body = str(Server.accepted[0].body)
    assert "3\u00a0compte" in body or "3 compte" in body
    assert "vendredi 31 juillet 2026" in body
    assert reverse(PAGE) in body
    for one in reviews.select_agents_to_review(JULY):
        by = second if one == first else first
        confirm_review(one, ReviewKind.AGENT, actor=Actor.staff(by), now=JULY)
    queue_review_mails(at("2026-08-01"))
    assert Mail.objects.filter(kind=REVIEWS).count() == 2


@pytest.mark.req("D61")
def test_the_page_says_the_scope_and_the_second_factor_as_they_are(client: Client) -> None:
    dpo, keyed, bare = agent(StaffRole.DPO), agent(), agent()
    give_passkey(keyed)
    request = RequestFactory().get("/")
    request.user = agent(StaffRole.NATIONAL)
    lines = {
        line.user: line
        for line in _build_reviewed_accounts([dpo, keyed, bare], ReviewKind.AGENT, request)
    }
    assert lines[dpo].scope == "Droits des personnes"
    assert [lines[one].has_factor for one in (dpo, keyed, bare)] == [False, True, False]


def test_what_is_left_after_thirty_days_is_late() -> None:
    agent()
    assert not reviews.get_review_state(at("2026-07-31 23:59")).late
    assert health.build_metrics(at("2026-07-31"))["lifecycle_overdue_reviews"] == 0
    assert reviews.get_review_state(at("2026-08-01 00:00")).late
    assert health.build_metrics(at("2026-08-01"))["lifecycle_overdue_reviews"] == 1


@pytest.mark.req("D30")
def test_a_suspension_comes_up_after_24_calendar_months_and_again_after_24_more() -> None:
    national, user = agent(StaffRole.NATIONAL), make_user()
    account_departures.suspend_account(
        user, actor=Actor.staff(national), reason="breach", now=at("2024-02-29 15:00")
    )
    assert not reviews.select_suspensions_to_review(at("2026-02-28 23:59")).exists()
    assert reviews.select_suspensions_to_review(at("2026-03-01 00:00")).get() == user
    confirm_review(user, ReviewKind.SUSPENSION, actor=Actor.staff(national), now=at("2026-03-02"))
    assert not reviews.select_suspensions_to_review(at("2028-03-02 23:59")).exists()
    assert reviews.select_suspensions_to_review(at("2028-03-03 00:00")).get() == user


@pytest.mark.req("D62")
def test_a_block_comes_up_after_three_years_and_stays_or_goes_by_an_act() -> None:
    national = agent(StaffRole.NATIONAL)
    actor, row = Actor.staff(national), block(at("2023-01-10"))
    assert not block_list.select_blocks_to_review(at("2026-01-08")).exists()
    now = at("2026-01-10")
    assert block_list.select_blocks_to_review(now).get() == row
    block_list.maintain_block(row.pk, actor=actor, reason="breach", now=now)
    assert not block_list.select_blocks_to_review(now).exists()
    with pytest.raises(WrongState):
        block_list.maintain_block(row.pk, actor=actor, reason="breach", now=now)
    later = at("2029-01-10")
    assert block_list.select_blocks_to_review(later).get() == row
    block_list.lift_block(row.pk, actor=actor, reason="other", now=later)
    assert not BlockedPerson.objects.exists()
    acts = Entry.objects.filter(object_type="blocked_person").order_by("id")
    assert list(acts.values_list("act", "reason")) == [
        ("block.maintained", "breach"),
        ("block.lifted", "other"),
    ]


# --- the page ------------------------------------------------------------------------------------


def test_the_page_shows_what_is_to_review_and_each_act_takes_it_off(client: Client) -> None:
    national, reviewer, old = agent(StaffRole.NATIONAL), agent(), make_user()
    account_departures.suspend_account(
        old, actor=Actor.staff(national), reason="breach", now=LONG_AGO
    )
    row = block(at("2023-01-10"))
    client.force_login(national)
    with time_machine.travel(JULY, tick=False):
        page = client.get(reverse(PAGE)).content.decode()
        assert "2 comptes à revoir sur 2" in page
        assert "au plus tard le vendredi 31 juillet 2026 inclus (heure de Paris)" in page
        assert "à un autre administrateur" in page
        for user, kind in ((reviewer, "agent"), (old, "suspension")):
            url = reverse("admin:lifecycle_review_keep", args=[user.public_id, kind])
            assert url in page
            client.get(url)  # changes nothing
            client.post(url)
        decide = reverse("admin:lifecycle_review_block", args=[row.pk])
        answer = client.post(decide, {"act": "lever", "reason": ""}, follow=True)
        assert "Choisissez d’abord le motif" in answer.content.decode()
        client.post(decide, {"act": "maintenir", "reason": "breach"})
        state = reviews.get_review_state(JULY)
    assert (state.agents, state.suspensions, state.blocks) == (1, 0, 0)
    assert set(Review.objects.values_list("user", "kind")) == {
        (reviewer.pk, "agent"),
        (old.pk, "suspension"),
    }
    row.refresh_from_db()
    assert row.reviewed_by == national.public_id


def test_the_list_of_blocks_is_filtered_by_what_is_to_review(client: Client) -> None:
    block(at("2023-01-10"))
    BlockedPerson.objects.create(digest="b" * 64, reason="breach", blocked_at=at("2026-01-10"))
    client.force_login(agent(StaffRole.NATIONAL))
    with time_machine.travel(JULY, tick=False):
        url = reverse("admin:accounts_blockedperson_changelist")
        page = client.get(url, {"reexamen": "a-revoir"}).content.decode()
    assert f"{'a' * 12}…" in page
    assert f"{'b' * 12}…" not in page


def test_the_page_costs_the_same_for_one_agent_and_for_five(client: Client) -> None:
    national = agent(StaffRole.NATIONAL)
    client.force_login(national)
    client.get(reverse(PAGE))  # the session's own writes
    counts = []
    for number in (1, 4):
        for _ in range(number):
            one = agent()
            Review.objects.create(kind="agent", user=one, at=LONG_AGO, by=national.public_id)
        with time_machine.travel(JULY, tick=False), CaptureQueriesContext(connection) as seen:
            assert client.get(reverse(PAGE)).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
