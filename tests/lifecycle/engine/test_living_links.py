"""No sign-up is erased while a link that was sent to it works (D16, D40, D72)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.entry.links import mailed_links
from accounts.entry.links.mailed_links import Purpose
from accounts.entry.models import EntryLink
from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.upkeep.sweep import settle_posted_requests
from accounts.people.enums import Status
from accounts.people.models import User
from lifecycle.enums import Step, StepReason
from lifecycle.rules.config import get_rules
from lifecycle.rules.facts import gather_facts
from lifecycle.rules.policy import next_step
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_user
from tests.lifecycle.world import at, deliver, tick

pytestmark = pytest.mark.django_db
ADDRESS = "jeanne.essai@garage.example.org"


def sign_up(day: str) -> None:
    post_request(Kind.SIGN_UP, ADDRESS, now=at(day))
    settle_posted_requests(at(day))
    deliver(at(day))


@pytest.mark.req("D72", "D16", "D40")
def test_a_sign_up_asked_anew_late_lives_as_long_as_its_link() -> None:
    sign_up("2026-03-01 10:00")
    tick(at("2026-03-04 10:00"))  # the reminder
    sign_up("2026-03-30 22:00")
    user = User.objects.get()
    now = at("2026-04-01 00:07")
    tick(now)
    assert User.objects.filter(status=Status.PENDING).count() == 1
    coming = next_step(gather_facts([user], now)[user.pk], now, get_rules())
    assert (coming.step, coming.why, coming.due) == (Step.PURGE, StepReason.LIVING_LINK, False)
    tick(at("2026-04-02 21:59"))
    assert User.objects.count() == 1
    tick(at("2026-04-02 22:00"))
    assert User.objects.count() == 0


@pytest.mark.req("D72")
def test_the_page_of_a_link_whose_account_is_erased_says_so(client: Client) -> None:
    user = make_user(Status.PENDING, created_at=at("2026-03-01"))
    with time_machine.travel(at("2026-03-01"), tick=False):
        link = mailed_links.issue_link(user, Purpose.SIGN_UP, now=at("2026-03-01"))
        key = mailed_links.sign_link_key(link)
    tick(at("2026-04-10"))
    assert not EntryLink.objects.exists()
    with time_machine.travel(at("2026-04-10"), tick=False):
        page = client.get(reverse("entry:create_password", args=[key]))
        forged = client.get(reverse("entry:create_password", args=["x" + key[1:]]))
    assert page.status_code == 410
    assert "n’existe plus" in page.content.decode()
    assert "coupent les liens longs" not in page.content.decode()
    assert forged.status_code == 404
    assert "coupent les liens longs" in forged.content.decode()


@pytest.mark.req("D72", "D40")
def test_a_reminder_says_no_day_of_erasure_before_its_link_ends() -> None:
    make_user(Status.PENDING, created_at=at("2026-03-01"), clock_from=at("2026-03-01"))
    tick(at("2026-03-31 23:00"))
    mail = Mail.objects.get(kind="lifecycle.sign_up_reminder")
    assert "vendredi 3 avril 2026" in mail.text
    assert "mardi 31 mars 2026" not in mail.text
    tick(at("2026-03-31 23:00") + timedelta(hours=71))
    assert User.objects.count() == 1
