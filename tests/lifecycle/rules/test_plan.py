"""Plan, « explain » and simulation say what a run does, whatever keeps it (D53, L6)."""

import csv
import io
from datetime import datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from accounts.habilitations.enums import Scope
from accounts.habilitations.platforms.models import Platform
from accounts.leaving import account_departures
from lifecycle.engine.brakes import holds
from lifecycle.enums import Step, StepReason
from lifecycle.rules import planning
from mgestion.journal.actors import Actor
from tests.factories.habilitations import make_token, make_user
from tests.lifecycle.people import notified, sleeper
from tests.lifecycle.shell.test_command import NOW, lifecycle
from tests.lifecycle.world import at, deliver, status_of, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ACTOR = Actor.system("test")


def fall_silent(code: str = "m-contributions", since: datetime = NOW - timedelta(days=30)) -> str:
    """A platform that should push its activity and has not for a month. Its name."""
    platform = Platform.objects.get(code=code)
    make_token(platform, Scope.ACTIVITY, now=since, days=300)
    return platform.name


def planned(*args: str) -> dict[str, tuple[str, str]]:
    """Step → (done?, why) of each line of the plan."""
    out, _, code = lifecycle(*(args or ("plan",)), "--format", "csv")
    assert code == 0
    lines = csv.DictReader(io.StringIO(out))
    return {
        Step(line["step"]).label: (
            "oui" if line["due"] == "true" else "non",
            StepReason(line["reason"]).label,
        )
        for line in lines
    }


def closing_since(day: str) -> None:
    """Somebody who closed his account that day and was told at once, with no sweep since."""
    user = make_user()
    account_departures.close_account(user, actor=Actor.person(user), now=at(day))
    deliver(at(day))


# --- a platform that falls silent ----------------------------------------------------------------


@time_machine.travel(NOW, tick=False)
@pytest.mark.req("D53")
def test_nothing_is_planned_for_the_idle_while_a_platform_is_silent_and_it_is_said() -> None:
    user, used = sleeper(), make_user(clock_from=NOW)
    closing_since("2026-02-01")
    name = fall_silent()
    assert planned() == {
        "avertir": ("non", "une plateforme ne transmet plus l’activité"),
        "supprimer": ("oui", "toujours désactivé après le 15e jour"),
    }
    _, said, _ = lifecycle("plan")
    assert f"aucune étape d’inactivité\u00a0: {name} muette." in said
    assert "avertir\u00a0:" not in said
    out, _, _ = lifecycle("explain", str(user.public_id))
    assert "avertir, retenue depuis le mercredi 11 mars 2026" in out
    assert "une plateforme ne transmet plus l’activité" in out
    assert "si personne n’agit" not in out
    out, _, _ = lifecycle("explain", str(used.public_id))
    assert "2028-03-13 avertir, si personne n’agit" in out  # the platform will be back by then
    closing_since("2026-02-24 09:00")
    second = fall_silent("m-gepp-solution")
    out, said, _ = lifecycle("simulate", "--to", "2026-06-01", "--format", "csv")
    lines = [(one["day"], one["delete"], one["notice"]) for one in csv.DictReader(io.StringIO(out))]
    assert lines == [("2026-03-11", "1", "0"), ("2026-03-12", "1", "0")]
    assert f"aucune étape d’inactivité\u00a0: {name} et {second} muettes." in said
    out, _, _ = lifecycle("run", "--apply")
    assert "supprimer\u00a0: 1" in out
    assert status_of(user.pk) == "active"


@time_machine.travel(NOW, tick=False)
@pytest.mark.req("D53")
def test_a_later_day_is_planned_on_what_the_platforms_have_told_until_now() -> None:
    sleeper()
    fall_silent(since=NOW - timedelta(days=1))
    assert planned("plan", "--at", "2026-03-25")["avertir"][0] == "oui"


# --- hours, switches, bounds ---------------------------------------------------------------------


@time_machine.travel(at("2026-03-14 10:00"), tick=False)  # a Saturday
def test_the_plan_of_a_saturday_does_what_a_saturday_does() -> None:
    user = sleeper()
    closing_since("2026-02-01")
    plan = planned()
    assert plan["avertir"] == ("non", "les e-mails partent aux heures de bureau")
    assert plan["supprimer"][0] == "oui"
    assert planned("run", "--any-hour")["avertir"][0] == "oui"
    out, _, _ = lifecycle("explain", str(user.public_id))
    assert "avertir, le lundi 16 mars 2026 (inactif depuis 24 mois)" in out
    lifecycle("run", "--apply")
    assert status_of(user.pk) == "active"


@time_machine.travel(NOW, tick=False)
def test_nothing_is_done_by_a_plan_while_the_lifecycle_is_switched_off(settings: Settings) -> None:
    user = sleeper()
    closing_since("2026-02-01")
    settings.LIFECYCLE_ENABLED = False
    assert {done for done, _ in planned().values()} == {"non"}
    assert "LIFECYCLE_ENABLED" in lifecycle("plan")[1]
    assert "LIFECYCLE_ENABLED" in lifecycle("explain", str(user.public_id))[0]
    out, said, _ = lifecycle("simulate", "--to", "2026-06-01", "--format", "csv")
    assert len(out.splitlines()) == 1
    assert "LIFECYCLE_ENABLED" in said


@time_machine.travel(NOW, tick=False)
@pytest.mark.req("D51")
def test_plan_and_simulation_say_that_everything_is_held() -> None:
    sleeper()
    assert "Toutes les procédures" not in lifecycle("plan")[1]
    lifecycle("hold", "--all", "--apply")
    assert planned()["avertir"] == ("non", "procédure retenue")
    for words in (("plan",), ("simulate", "--to", "2026-06-01")):
        assert "Toutes les procédures sont retenues." in lifecycle(*words)[1]


@pytest.mark.both
@time_machine.travel(NOW, tick=False)
def test_the_plan_says_what_the_cap_and_the_breaker_would_leave(settings: Settings) -> None:
    settings.LIFECYCLE_BREAKER_FLOOR, settings.LIFECYCLE_BREAKER_SHARE = 2, 0.5
    settings.LIFECYCLE_CAP = 2
    for _ in range(3):
        sleeper()
    _, said, _ = lifecycle("plan")
    assert "disjoncteur" in said and "plus de 2\u00a0comptes" in said
    assert "2\u00a0comptes au plus" in said
    assert "disjoncteur" not in lifecycle("run", "--over-breaker")[1]
    settings.LIFECYCLE_BREAKER_FLOOR = settings.LIFECYCLE_CAP = 3
    _, said, _ = lifecycle("plan")
    assert "disjoncteur" not in said and "au plus" not in said


# --- what the sweep has not read yet -------------------------------------------------------------


@pytest.mark.both
@pytest.mark.parametrize("cause", ["admin", "closure"])
@pytest.mark.req("L6")
def test_the_plan_knows_of_acts_that_no_sweep_has_read(cause: str) -> None:
    """The lifecycle was off for weeks: the run that follows settles them and deletes at once."""
    user = make_user()
    if cause == "admin":
        account_departures.deactivate_account(
            user, actor=ACTOR, reason="left", now=at("2026-03-20")
        )
    else:
        account_departures.close_account(user, actor=Actor.person(user), now=at("2026-03-20"))
    deliver(at("2026-03-20 12:10"))
    assert list(planning.iterate_plan(at("2026-04-04 23:59"))) == []
    now = at("2026-04-05 00:00")
    (line,) = planning.iterate_plan(now)
    assert (line.step, line.due, line.from_day) == (Step.DELETE, True, now.date())
    with time_machine.travel(at("2026-03-25"), tick=False):
        out, _, _ = lifecycle("explain", str(user.public_id))
        assert "supprimer, au plus tôt le dimanche 5 avril 2026" in out
        assert "samedi 4 avril 2026 inclus" in out
        out, _, _ = lifecycle("simulate", "--to", "2026-05-01", "--format", "csv")
        (day,) = csv.DictReader(io.StringIO(out))
        assert (day["day"], day["delete"]) == ("2026-04-05", "1")
    sweep(now)
    assert status_of(user.pk) == "deleted"


def test_somebody_deactivated_during_a_notice_stands_in_the_plan_once() -> None:
    """The notice's case is still open: no sweep since."""
    user = notified()
    account_departures.deactivate_account(user, actor=ACTOR, reason="left", now=at("2026-03-13"))
    deliver(at("2026-03-13"))
    for now in (at("2026-03-29 00:00"), at("2026-05-01")):
        (line,) = planning.iterate_plan(now)
        assert (line.step, line.due) == (Step.DELETE, True)
    holds.place_hold(user, reason="legal", actor=ACTOR, now=at("2026-03-14"))
    (line,) = planning.iterate_plan(at("2026-05-01"))
    assert not line.due


@pytest.mark.req("D24", "R94")
def test_a_superuser_who_is_no_agent_any_more_follows_the_rule_of_everybody() -> None:
    """Dismissed, he keeps the column but no page: his account must not stay for ever."""
    make_user(is_staff=True, is_superuser=True)
    user = sleeper(is_superuser=True, is_staff=False)
    assert [line.due for line in planning.iterate_plan(NOW)] == [True]
    sweep(NOW)
    assert status_of(user.pk) == "queued"


# --- French --------------------------------------------------------------------------------------
