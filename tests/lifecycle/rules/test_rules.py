"""Who is spared and why; what the mails say; the ledger; the jobs."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from pytest_django import Settings

from accounts.leaving import account_departures
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle import tasks
from lifecycle.engine import retention
from lifecycle.enums import LedgerLine
from lifecycle.ledger import entries
from lifecycle.models import Hold, LedgerEntry, LifecycleCase, LifecycleRun, Reminder
from lifecycle.rules import config, querysets, reviews
from lifecycle.rules.policy import LifecycleRules, idle_day, latest_idle_anchor
from mgestion.errors import Refused
from mgestion.jobs.models import JobRun
from mgestion.journal.actors import Actor
from mgestion.outbox.models import Mail
from mgestion.text.dates import start_of_paris_day
from tests.factories.habilitations import make_access, make_staff, make_user
from tests.factories.registrations import make_request
from tests.lifecycle.people import announced, notified, sleeper
from tests.lifecycle.world import Server, at, deliver, status_of, sweep, tick, ticks

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.req("D17", "S35")
def test_the_indexed_comparison_agrees_with_the_calendar_on_every_day_of_nine_years() -> None:
    rules = LifecycleRules()
    day = date(2023, 1, 1)
    while day < date(2032, 1, 1):
        anchor = latest_idle_anchor(day, rules)
        assert idle_day(start_of_paris_day(anchor), rules) < day
        assert idle_day(start_of_paris_day(anchor + timedelta(days=1)), rules) >= day
        day += timedelta(days=1)


# --- who is spared -------------------------------------------------------------------------------


@pytest.mark.req("D41")
def test_an_open_request_holds_everything_until_it_is_decided(reference: None) -> None:
    from registrations.enrolment.amend_flows import cancel_request

    user = sleeper()
    request = make_request(user, now=at("2024-03-10"))
    tick(at("2026-03-11"))
    assert status_of(user.pk) == Status.ACTIVE
    cancel_request(request.pk, user, at("2026-03-12"))
    tick(at("2026-03-12 13:00"))
    assert status_of(user.pk) == "queued"


@pytest.mark.req("D41", "D51")
def test_a_deactivated_account_with_an_open_request_can_come_back_meanwhile(
    reference: None,
) -> None:
    user = make_user()
    make_request(user, now=at("2026-03-10"))
    account_departures.deactivate_account(user, actor=ACTOR, reason="left", now=at("2026-03-17"))
    ticks("2026-03-17 13:00", "2026-05-10")
    user.refresh_from_db()
    assert (user.status, user.revivable_until) == (Status.DEACTIVATED_BY_ADMIN, None)
    account_departures.reactivate_account(user, actor=ACTOR, now=at("2026-05-11"))


@pytest.mark.req("D24", "D61")
def test_back_office_accounts_are_suspended_after_90_days_and_never_deleted(
    reference: None,
) -> None:
    make_staff("national", user=make_user(is_superuser=True, clock_from=at("2026-03-01")))
    agent = make_staff("reviewer", user=make_user(clock_from=at("2026-03-01")))
    holder = make_staff("reviewer", user=make_user(clock_from=at("2026-03-01")))
    make_access(user=holder)
    tick(at("2026-05-30"))
    assert status_of(agent.pk) == Status.ACTIVE
    sweep(at("2026-05-31"))
    assert status_of(agent.pk) == Status.SUSPENDED
    assert status_of(holder.pk) == Status.ACTIVE
    tick(at("2031-05-31"))
    assert status_of(agent.pk) == Status.SUSPENDED
    assert status_of(holder.pk) == "queued"  # an agent with an access follows the same rule
    assert reviews.select_suspensions_to_review(at("2031-05-31")).get().pk == agent.pk


@pytest.mark.req("D24")
def test_of_two_superusers_that_are_due_together_one_stays(reference: None) -> None:
    old = {"is_superuser": True, "is_staff": True}
    first = sleeper(**old)
    second = sleeper(**{**old, "clock_from": at("2024-03-11")})
    sweep(at("2026-06-11"))
    assert [status_of(user.pk) for user in (first, second)] == ["suspended", "active"]
    sweep(at("2031-06-11"))
    assert status_of(second.pk) == "active"
    with pytest.raises(Refused, match="dernier administrateur"):
        account_departures.deactivate_account(
            second, actor=ACTOR, reason="left", now=at("2031-06-12")
        )


@pytest.mark.req("D24")
def test_the_last_national_administrator_stays_also_without_being_a_superuser(
    reference: None,
) -> None:
    """Otherwise nobody could lift his suspension, nor name another one."""
    first = make_staff("national", user=make_user(clock_from=at("2026-03-01")))
    second = make_staff("national", user=make_user(clock_from=at("2026-03-02")))
    sweep(at("2026-06-11"))
    assert [status_of(user.pk) for user in (first, second)] == ["suspended", "active"]
    sweep(at("2027-06-11"))
    assert status_of(second.pk) == "active"


@pytest.mark.req("D40")
def test_an_unfinished_sign_up_is_reminded_once_with_a_link_that_works() -> None:
    created = at("2026-03-01")
    user = make_user(Status.PENDING, created_at=created, clock_from=created)
    tick(at("2026-03-03"))
    assert not Server.accepted
    ticks("2026-03-04", "2026-03-05", "2026-03-20")
    assert len(Server.accepted) == 1
    assert "/inscription/mot-de-passe/" in str(Server.accepted[0].body)
    assert "mardi 31 mars 2026" in str(Server.accepted[0].body)
    assert Reminder.objects.get().user_id == user.pk


@pytest.mark.req("D26", "D31")
def test_an_administrator_of_an_establishment_has_less_power_than_an_agent() -> None:
    administrator = Actor.person(make_user())
    agent = make_user(is_staff=True)
    now = at("2026-03-17")
    with pytest.raises(Refused, match="OPCO"):
        account_departures.deactivate_account(agent, actor=administrator, reason="left", now=now)
    idle = make_user(Status.DEACTIVATED_INACTIVE)
    with pytest.raises(Refused, match="OPCO"):
        account_departures.reactivate_account(idle, actor=administrator, now=now)
    dismissed = make_user(Status.DEACTIVATED_BY_ADMIN)
    account_departures.reactivate_account(dismissed, actor=administrator, now=now)
    assert dismissed.status == Status.ACTIVE


# --- what the mails say --------------------------------------------------------------------------


@pytest.mark.req("R95", "R98", "R101", "D20")
def test_each_mail_names_the_exact_last_day_of_the_attempt_that_was_accepted() -> None:
    user = sleeper()
    Server.mode = "down"
    tick(at("2026-03-11"))
    Server.mode = "up"
    deliver(at("2026-03-13"))
    notice = Server.accepted[0]
    said = "jusqu’au samedi 28 mars 2026 inclus (heure de Paris)"
    html = str(notice.alternatives[0][0])  # type: ignore[attr-defined]
    assert said in str(notice.body)
    assert said in html
    assert "samedi 28 mars 2026" in str(notice.subject)
    assert "dimanche 10 mars 2024" in str(notice.body)  # what the delay runs from
    tick(at("2026-03-29 00:30"))
    deactivated = Server.accepted[1]
    assert "jusqu’au lundi 13 avril 2026 inclus (heure de Paris)" in str(deactivated.body)
    tick(at("2026-03-29 02:00"))
    assert str(LifecycleCase.objects.get(user=user).deletion_last_day) == "2026-04-13"
    tick(at("2026-04-14"))
    assert len(Server.accepted) == 2  # none on deletion


@pytest.mark.req("R87", "R93", "D32")
def test_a_dismissed_person_gets_one_mail_that_names_the_last_day() -> None:
    user = make_user()
    account_departures.deactivate_account(user, actor=ACTOR, reason="left", now=at("2026-03-17"))
    deliver(at("2026-03-17 13:00"))
    assert len(Server.accepted) == 1
    assert "jusqu’au mercredi 1er avril 2026 inclus (heure de Paris)" in str(
        Server.accepted[0].body
    )
    account_departures.reactivate_account(user, actor=ACTOR, now=at("2026-03-18"))
    tick(at("2026-03-18"))
    assert len(Server.accepted) == 1  # none on reactivation


@pytest.mark.req("D50", "D29")
def test_a_closure_is_acknowledged_and_confirmed_and_its_address_then_forgotten() -> None:
    user = make_user(email="jeanne.martin@garage-exemple.example.org")
    account_departures.close_account(user, actor=Actor.person(user), now=at("2026-03-17"))
    ticks("2026-03-17 13:00", "2026-03-18", "2026-04-02")
    assert [str(mail.subject) for mail in Server.accepted] == [
        "La fermeture de votre compte est enregistrée",
        "Votre compte est supprimé",
    ]
    sweep(at("2026-04-02 13:00"))
    for mail in Mail.objects.all():
        assert "jeanne" not in f"{mail.to}{mail.text}{mail.html}{mail.data}{mail.subject}"


# --- the ledger ----------------------------------------------------------------------------------


@pytest.mark.req("D29", "S30")
def test_the_ledger_is_append_only_and_names_nobody(settings: Settings) -> None:
    user = sleeper()
    tick(at("2026-03-11"))
    line = LedgerEntry.objects.get()
    assert line.reference == entries.get_reference(user.public_id)
    assert str(user.public_id) not in repr(vars(line))
    for forbidden in (
        lambda: LedgerEntry.objects.update(reason="x"),
        lambda: LedgerEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="ledger|journal"), transaction.atomic():
            forbidden()
    # An old key still finds its lines.
    settings.HASH_KEYS = ["a-new-key" * 8, *settings.HASH_KEYS]
    assert [line.line for line in entries.list_account_entries(user.public_id)] == [
        LedgerLine.NOTICE_QUEUED
    ]


@pytest.mark.req("D62", "S29")
def test_the_ledger_is_purged_after_three_years_and_not_before(
    settings: Settings, tmp_path: Any
) -> None:
    settings.ERASURE_LIST = tmp_path / "list.jsonl"
    sleeper()
    tick(at("2026-03-11"))
    assert retention.purge_lifecycle_records(at("2029-03-09"))["ledger"] == 0
    assert retention.purge_lifecycle_records(at("2029-03-12"))["ledger"] == 1
    with pytest.raises(DatabaseError), transaction.atomic():  # the window is closed again
        LedgerEntry.objects.create(at=at("2026-03-11"), reference="r", line=LedgerLine.HELD)
        LedgerEntry.objects.all().delete()


# --- the jobs ------------------------------------------------------------------------------------


@pytest.mark.req("R85")
@time_machine.travel(at("2026-03-11 10:07"), tick=False)
def test_the_hourly_task_runs_once_an_hour_whatever_the_number_of_beats() -> None:
    user = sleeper()
    tasks.run_lifecycle()
    tasks.run_lifecycle()
    assert status_of(user.pk) == "queued"
    assert LifecycleRun.objects.count() == 1
    run = JobRun.objects.get(job="lifecycle.sweep")
    assert (run.outcome, run.counts["notice"]) == ("done", 1)


@time_machine.travel(at("2026-03-11 10:07"), tick=False)
def test_a_run_that_the_breaker_stopped_is_a_job_that_failed(settings: Settings) -> None:
    settings.LIFECYCLE_BREAKER_FLOOR, settings.LIFECYCLE_BREAKER_SHARE = 0, 0.0
    sleeper()
    with pytest.raises(tasks.RunStopped):
        tasks.run_lifecycle()
    assert JobRun.objects.get(job="lifecycle.sweep").outcome == "failed"
    assert LifecycleRun.objects.get().outcome == "stopped"


@time_machine.travel(at("2026-03-11 10:07"), tick=False)
def test_deadlines_are_bound_within_minutes_and_nobody_moves(settings: Settings) -> None:
    user = sleeper()
    tick(at("2026-03-11 10:00"))
    tasks.settle_cases()
    assert status_of(user.pk) == "notified"
    assert JobRun.objects.get(job="lifecycle.settle").counts == {"bound": 1}


def test_office_hours_are_those_of_paris() -> None:
    assert config.is_office_hour(at("2026-03-11 08:00"))
    assert not config.is_office_hour(at("2026-03-11 07:59"))
    assert not config.is_office_hour(at("2026-03-11 19:00"))
    assert not config.is_office_hour(at("2026-03-14 12:00"))  # Saturday


@pytest.mark.django_db(transaction=True)
def test_the_demo_shows_an_account_at_each_stage_and_loads_once(reference: None) -> None:
    from lifecycle import demo

    now = at("2026-03-17 10:00")
    demo.load_demo_accounts(now)
    demo.load_demo_accounts(now)
    stages = {user.email: status_of(user.pk) for user in User.objects.all()}
    assert stages == {
        demo.NOTIFIED: "notified",
        demo.INACTIVE: Status.DEACTIVATED_INACTIVE,
        demo.HELD: "notified",
        demo.DISMISSED: Status.DEACTIVATED_BY_ADMIN,
        demo.CLOSING: Status.CLOSING,
        demo.SUSPENDED: Status.SUSPENDED,
    }
    people = User.objects.values_list("email", "first_name", "last_name")
    assert (demo.CLOSING, "Zoé", "Partante") in people  # names as people write them
    assert all(email.isascii() for email, _, _ in people)
    user = User.objects.get(email=demo.INACTIVE)
    assert user.check_password(demo.PASSWORD)
    assert user.revivable_until == at("2026-03-30 00:00")  # over the change to summer time


# --- what only a race would show -----------------------------------------------------------------


@pytest.mark.req("L6")
def test_the_claims_alone_refuse_what_changed_after_the_settling(reference: None) -> None:
    """Each condition stands in the statement, whatever was read before it."""
    user = notified()
    now = at("2026-03-27")
    assert querysets.select_deactivation_due(now).count() == 1
    people = User.objects.filter(pk=user.pk)
    people.update(clock_from=at("2026-03-26"))
    assert querysets.select_deactivation_due(now).count() == 0
    people.update(clock_from=user.clock_from, status=Status.SUSPENDED)
    assert querysets.select_deactivation_due(now).count() == 0
    people.update(status=Status.ACTIVE)
    Hold.objects.create(user=user, reason="staff", placed_at=now)
    assert querysets.select_deactivation_due(now).count() == 0
    user = announced()
    people = User.objects.filter(pk=user.pk)
    now = at("2026-04-12")
    assert querysets.select_deletion_due(now).count() == 1
    people.update(status_since=at("2026-03-30"))  # deactivated anew, by another act
    assert querysets.select_deletion_due(now).count() == 0
    people.update(status_since=user.status_since)
    assert querysets.select_deletion_due(now).count() == 1
    people.update(revivable_until=None)
    assert querysets.select_deletion_due(now).count() == 0
    people.update(revivable_until=at("2026-04-12 00:00"), status=Status.ACTIVE)
    assert querysets.select_deletion_due(now).count() == 0
    user.refresh_from_db()
    make_request(user, now=at("2026-04-01"))
    people.update(status=Status.DEACTIVATED_INACTIVE)
    assert querysets.select_deletion_due(now).count() == 0
