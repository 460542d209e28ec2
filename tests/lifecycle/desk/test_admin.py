"""What staff see of the lifecycle, and may do to one account."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.leaving.account_departures import CLOSING
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.engine import account_stories
from lifecycle.engine.brakes import holds
from lifecycle.models import Hold, LedgerEntry, LifecycleCase, LifecycleRun, Review
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_staff, make_user
from tests.lifecycle.engine.test_other_platforms import silent_tutorat
from tests.lifecycle.people import notified, sleeper
from tests.lifecycle.world import Server, at, tick, ticks

pytestmark = pytest.mark.django_db
NOW = at("2026-03-27 10:00")
HOLDS = "/admin/lifecycle/hold/"


@pytest.fixture
def national(client: Client) -> Client:
    client.force_login(make_staff(StaffRole.NATIONAL))
    return client


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def act(user: User, word: str) -> str:
    return reverse("admin:lifecycle_account_act", args=[user.public_id, word])


def account(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_what_staff_read_of_a_notice_and_of_its_run(national: Client) -> None:
    user = sleeper()
    ticks("2026-03-11", "2026-03-12")
    page = national.get(account(user)).text
    assert "due depuis le vendredi 27 mars 2026" in page
    assert "avertissement accepté par le serveur" in page
    assert act(user, "desactiver") in page
    assert act(user, "reactiver") not in page
    page = national.get(reverse("admin:lifecycle_lifecyclerun_changelist")).text
    assert 'class="chart__bar"' in page
    # Friday 27 March is the day of the deactivation, day 0.
    assert "dimanche 12 avril 2026" in page
    assert "1 compte, du" in page
    holds.place_hold(user, reason="legal", actor=Actor.system("test"), now=NOW)
    for model in (LifecycleRun, LifecycleCase, Hold, LedgerEntry):
        name = f"admin:lifecycle_{model._meta.model_name}"
        assert national.get(reverse(f"{name}_changelist")).status_code == 200
        row = model.objects.all()[0]
        address = reverse(f"{name}_change", args=[row.pk])
        assert national.get(address).status_code == 200
        assert national.post(address, {}).status_code == 403
        assert national.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
    line = LedgerEntry.objects.filter(mail_id__isnull=False)[0]
    address = reverse("admin:lifecycle_ledgerentry_change", args=[line.pk])
    page = national.get(address).text
    assert reverse("admin:outbox_mail_change", args=[line.mail_id]) in page
    assert reverse("admin:lifecycle_lifecyclecase_change", args=[line.case_id]) in page
    Mail.objects.all().delete()
    page = national.get(address).text
    assert reverse("admin:outbox_mail_change", args=[line.mail_id]) not in page
    assert str(line.mail_id) in page


@pytest.mark.req("D18", "L1")
def test_the_last_day_is_the_one_of_the_mail_wherever_it_is_shown(national: Client) -> None:
    user = notified()
    for hour in ("09:00", "09:30"):
        tick(at(f"2026-03-27 {hour}"))
    said = "samedi 11 avril 2026 inclus (heure de Paris)"
    assert f"jusqu’au {said}" in str(Server.accepted[-1].body)
    case = LifecycleCase.objects.get()
    page = national.get(account(user)).content.decode()
    assert page.count(said) == 2  # the account's own line, and the panel's
    assert said in national.get(reverse("admin:lifecycle_lifecyclecase_changelist")).text
    page_of_case = reverse("admin:lifecycle_lifecyclecase_change", args=[case.pk])
    assert said in national.get(page_of_case).text
    user.refresh_from_db()
    story = account_stories.explain_account(user, NOW)
    assert ("Réactivable jusqu’au", said) in story.facts


def test_holds_and_reviews_name_who_decided(client: Client, django_assert_num_queries: Any) -> None:
    agents = [make_staff(StaffRole.NATIONAL, user=make_user(last_name=f"Agent-{n}")) for n in "AB"]
    client.force_login(agents[0])
    held = sleeper()
    row = holds.place_hold(held, reason="legal", actor=Actor.staff(agents[0]), now=NOW)
    holds.release_hold(held, actor=Actor.staff(agents[1]), now=NOW)
    review = Review.objects.create(kind="agent", user=agents[0], at=NOW, by=agents[1].public_id)
    gone = Review.objects.create(kind="agent", user=agents[0], at=NOW, by=uuid4())
    for page in (reverse("admin:lifecycle_hold_change", args=[row.pk]), HOLDS):
        text = client.get(page).text
        assert "Agent-A" in text and "Agent-B" in text
        assert str(agents[1].public_id) not in text
    list_of = client.get(reverse("admin:lifecycle_review_changelist")).text
    assert 'field-confirmed_by">Claude Agent-B' in list_of
    assert f"Un compte supprimé ({str(gone.by)[:8]})" in list_of
    assert "Agent-B" in client.get(reverse("admin:lifecycle_review_change", args=[review.pk])).text
    client.get(HOLDS)
    with CaptureQueriesContext(connection) as few:
        client.get(HOLDS)
    for _ in range(3):
        holds.place_hold(sleeper(), reason="legal", actor=Actor.staff(agents[1]), now=NOW)
    with django_assert_num_queries(len(few)):
        client.get(HOLDS)


@pytest.mark.req("R86", "R87", "R92", "R93", "D32")
def test_an_agent_deactivates_with_a_reason_after_a_warning(national: Client) -> None:
    user = make_user()
    page = national.get(act(user, "desactiver")).content.decode()
    assert "supprimé définitivement sous 15\u00a0jours calendaires" in page
    assert "jusqu’au samedi 11 avril 2026 inclus (heure de Paris)" in page
    user.refresh_from_db()
    assert user.status == Status.ACTIVE  # a GET changes nothing
    assert national.post(act(user, "desactiver"), {"reason": ""}).status_code == 200
    epoch = user.session_epoch
    national.post(act(user, "desactiver"), {"reason": "left", "note": "appel du 27"})
    user.refresh_from_db()
    assert (user.status, user.session_epoch) == (Status.DEACTIVATED_BY_ADMIN, epoch + 1)
    assert user.revivable_until is None
    assert Mail.objects.filter(person=user.public_id).count() == 1
    entry = Entry.objects.get(act="account.deactivated")
    assert (entry.actor_kind, entry.reason) == ("staff", "left")
    assert entry.detail.data == {"note": "appel du 27"}


@pytest.mark.req("R90", "D25")
def test_an_agent_reactivates_and_the_clock_starts_again(national: Client) -> None:
    user = make_user(Status.DEACTIVATED_BY_ADMIN, revivable_until=at("2026-03-28 00:00"))
    national.post(act(user, "reactiver"), {"reason": "other"})
    user.refresh_from_db()
    assert (user.status, user.clock_from) == (Status.ACTIVE, NOW)


@pytest.mark.req("R66", "R81", "R82", "D30")
def test_suspension_can_block_and_is_lifted(national: Client) -> None:
    from accounts.leaving.block_list import is_blocked

    user = make_user()
    national.post(act(user, "suspendre"), {"reason": "breach", "block": "on"})
    user.refresh_from_db()
    assert user.status == Status.SUSPENDED
    assert is_blocked(user.email)
    national.post(act(user, "lever"))
    user.refresh_from_db()
    assert user.status == Status.ACTIVE
    assert not is_blocked(user.email)


def test_a_hold_is_placed_and_lifted_from_the_account(national: Client) -> None:
    user = make_user()
    national.post(act(user, "retenir"), {"reason": "legal"})
    assert Hold.objects.get().released_at is None
    assert act(user, "reprendre") in national.get(account(user)).content.decode()
    national.post(act(user, "reprendre"))
    assert Hold.objects.get().released_at == NOW


@pytest.mark.req("R91")
def test_what_is_not_possible_now_is_said_not_done(national: Client) -> None:
    user = make_user(Status.SUSPENDED)
    answer = national.post(act(user, "desactiver"), {"reason": "left"}, follow=True)
    assert "cette action n’est pas possible" in answer.content.decode()


@pytest.mark.req("D31")
def test_nobody_acts_on_himself_nor_without_the_role(client: Client) -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client.force_login(agent)
    answer = client.post(act(agent, "desactiver"), {"reason": "left"}, follow=True)
    assert "votre propre compte" in answer.content.decode()
    for role in (StaffRole.AUDITOR, StaffRole.REVIEWER):
        client.force_login(make_staff(role, delegations=("IDF",)))
        assert client.get(act(agent, "desactiver")).status_code == 403


@pytest.mark.both
@pytest.mark.req("R79", "R80", "S33")
def test_an_agent_carries_out_a_desinscription_and_says_how_and_when_it_was_asked(
    national: Client,
) -> None:
    user = make_user()
    page = act(user, "desinscrire")
    shown = national.get(page).text
    assert 'type="date"' in shown and "À sa demande" in shown
    national.post(page, {"channel": "letter", "received": "2026-03-20"})
    user.refresh_from_db()
    assert (user.status, user.status_since) == (Status.CLOSING, NOW)
    entry = Entry.objects.get(act="account.closing")
    assert (entry.actor_kind, entry.reason) == ("staff", "letter")
    assert entry.detail.data == {"note": "demande reçue le vendredi 20 mars 2026"}
    assert Mail.objects.get(kind=CLOSING).person == user.public_id


@pytest.mark.both
@pytest.mark.req("R80")
def test_without_both_or_with_a_date_to_come_nothing_happens(national: Client) -> None:
    user = make_user()
    for said in (
        {},
        {"channel": "letter"},
        {"received": "2026-03-20"},
        {"channel": "phone", "received": "2026-03-20"},
        {"channel": "email", "received": "2026-03-28"},
    ):
        assert national.post(act(user, "desinscrire"), said).status_code == 200, said
    user.refresh_from_db()
    assert user.status == Status.ACTIVE


@pytest.mark.req("D53", "D65")
@time_machine.travel(at("2026-03-11"), tick=False)
def test_the_page_of_the_runs_says_whom_a_silent_platform_keeps(
    national: Client, reference: None
) -> None:
    silent_tutorat("2026-03-01")
    page = national.get(reverse("admin:lifecycle_lifecyclerun_changelist")).content.decode()
    assert "M-Tutorat ne transmet plus l’activité" in page
    assert "mais à aucune plateforme qui compte pour l’inactivité" in page
