"""What a report changes, the address of providers, and the staff pages."""

import json
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.people.models import User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox import flows as outbox
from mgestion.outbox.bounces import flows
from mgestion.outbox.bounces.events import MAX_EVENTS, sign_events
from mgestion.outbox.bounces.reports import parse_notification
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.health import measure_outbox
from mgestion.outbox.models import Bounce, BounceTotal, Mail, MailStatus
from mgestion.outbox.sending.smtp import build_envelope
from tests.factories.habilitations import make_staff, make_user
from tests.outbox.bounces.notifications import ADDRESS, POSTFIX, write_notification
from tests.outbox.kinds import put

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 13, 5, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SECRET = "m9Xw3Kp5Vt7Rb1Nz8Qc2Hd6Ls4Jf0Ga3"
ADDRESS_OF_PROVIDERS = "/retours/courriel/"


def make_sent_mail(
    user: User | None = None, status: str = MailStatus.SENT, to: str = ADDRESS
) -> Mail:
    mail = put(now=NOW, person=user.public_id if user else None)
    mail.status, mail.to, mail.accepted_at = status, to, NOW
    mail.save()
    return mail


def record(raw: bytes, now: datetime = LATER) -> dict[str, int]:
    return flows.record_reports(parse_notification(raw), raw, now)


@pytest.mark.req("D27", "D79")
def test_a_failure_is_as_if_the_relay_had_refused_the_mail() -> None:
    user = make_user()
    mail = make_sent_mail(user)
    assert record(write_notification(POSTFIX, mail.message_id)) == {"hard": 1}
    mail.refresh_from_db()
    assert mail.status == MailStatus.DEAD
    assert Entry.objects.filter(act="mail.returned", person=user.public_id).count() == 1
    # Sent again and returned again: another report, another failure; the same one counts once.
    outbox.resend_dead_mail(mail.pk, Actor.staff(make_staff("national")), LATER)
    assert record(write_notification(POSTFIX, mail.message_id)) == {"repeated": 1}
    mail.refresh_from_db()
    assert mail.status == MailStatus.QUEUED


@pytest.mark.req("D79")
@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"action": "delayed", "status": "4.2.2"}, "soft"),
        ({"action": "relayed", "status": "2.0.0"}, "fine"),
        ({"to": "autre@garage.example.org"}, "other_recipient"),
        ({"message_id": f"<{uuid4()}@portail.example.org>"}, "unmatched"),
    ],
)
def test_what_is_late_forged_or_of_another_recipient_is_counted_and_changes_nothing(
    changes: dict[str, str], outcome: str
) -> None:
    mail = make_sent_mail()
    before = Mail.objects.values().get(pk=mail.pk)
    told = {"message_id": mail.message_id, **changes}
    assert record(write_notification(POSTFIX, told.pop("message_id"), **told)) == {outcome: 1}
    assert Mail.objects.values().get(pk=mail.pk) == before
    assert BounceTotal.objects.get().outcome == outcome
    figures = measure_outbox(LATER)
    assert figures[f'outbox_bounces_total{{outcome="{outcome}"}}'] == 1
    assert figures["outbox_returned_last_day"] == 0


def test_a_mail_whose_content_is_forgotten_names_nobody_any_more() -> None:
    mail = make_sent_mail()
    Mail.objects.filter(pk=mail.pk).update(**outbox.FORGOTTEN_FIELDS)
    assert record(write_notification(POSTFIX, mail.message_id)) == {"other_recipient": 1}


def test_a_mail_that_waits_to_be_sent_again_is_still_sent() -> None:
    mail = make_sent_mail(status=MailStatus.QUEUED)
    assert record(write_notification(POSTFIX, mail.message_id)) == {"hard": 1}
    assert Mail.objects.get().status == MailStatus.QUEUED


@pytest.mark.req("D79")
@pytest.mark.parametrize("spelling", [ADDRESS, ADDRESS.upper()])
def test_a_return_flags_the_address_that_the_person_has_and_no_other(spelling: str) -> None:
    """A mail about somebody may go to their délégation, to an address that they have left, or to
    one that they mistyped and never confirmed.
    """
    user, other = make_user(email=spelling), make_user(email="nouvelle@garage.example.org")
    for person in (user, other):
        mail = make_sent_mail(person)
        assert record(write_notification(POSTFIX, mail.message_id)) == {"hard": 1}
        mail.refresh_from_db()
        assert mail.status == MailStatus.DEAD  # either way it reached nobody
    assert flows.select_flagging_bounces([user.public_id]).count() == 1
    assert not flows.select_flagging_bounces([other.public_id]).exists()
    assert measure_outbox(LATER)["outbox_flagged_addresses"] == 1


def test_the_flag_goes_by_an_act_or_with_the_address() -> None:
    user, agent = make_user(email=ADDRESS), Actor.staff(make_staff("national"))
    record(write_notification(POSTFIX, make_sent_mail(user).message_id))
    assert measure_outbox(LATER)["outbox_flagged_addresses"] == 1
    assert flows.unblock_address(user.public_id, actor=agent, now=LATER) == 1
    assert Bounce.objects.get().cleared_by == agent.agent_id
    with pytest.raises(WrongState):
        flows.unblock_address(user.public_id, actor=agent, now=LATER)
    record(write_notification(POSTFIX, make_sent_mail(user).message_id))
    flows.forget_old_address("old", "new", user.public_id)
    assert measure_outbox(LATER)["outbox_flagged_addresses"] == 0


def test_mails_come_back_to_the_bounce_address_and_people_see_the_other_one(
    settings: Settings,
) -> None:
    message = build_message(put(now=NOW), NOW)
    assert message is not None
    assert build_envelope(message, "<1@example.org>").from_email == settings.DEFAULT_FROM_EMAIL
    settings.BOUNCE_ADDRESS = "retours@portail.example.org"
    mail = build_envelope(message, "<1@example.org>")
    assert mail.from_email == "retours@portail.example.org"
    assert mail.message()["From"] == settings.DEFAULT_FROM_EMAIL


# --- the address of providers --------------------------------------------------------------------


def post_events(client: Client, events: object, *, secret: str = SECRET, age: int = 0) -> int:
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    stamp = str(int(time.time()) - age)
    response = client.post(
        ADDRESS_OF_PROVIDERS,
        body,
        content_type="application/json",
        headers={"X-Timestamp": stamp, "X-Signature": sign_events(secret, stamp, body)},
    )
    return response.status_code


def test_without_a_secret_the_address_does_not_exist(client: Client) -> None:
    assert post_events(client, []) == 404


def test_a_signed_event_is_recorded_and_others_are_refused(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BOUNCE_WEBHOOK_SECRET = SECRET
    client = Client(enforce_csrf_checks=True)
    mail = make_sent_mail()
    event = {"message_id": mail.message_id, "recipient": ADDRESS, "action": "failed"}
    assert post_events(client, event, secret=SECRET + "x") == 401
    assert post_events(client, event, age=3600) == 401
    assert client.post(ADDRESS_OF_PROVIDERS, event).status_code == 401
    assert caplog.text.count("bounces.signature") == 3
    assert Entry.objects.filter(act="mail.report_forged").count() == 1  # once an hour
    assert BounceTotal.objects.count() == 0
    assert post_events(client, b"nonsense") == 400
    assert client.get(ADDRESS_OF_PROVIDERS).status_code == 405
    assert post_events(client, b" " * 1_100_000) in (400, 413)
    assert post_events(client, [{"x": 1}] * MAX_EVENTS + [event]) == 413  # none is lost unseen
    assert Mail.objects.get().status == MailStatus.SENT
    assert post_events(client, [event, {"x": 1}]) == 200
    assert Mail.objects.get().status == MailStatus.DEAD
    assert dict(BounceTotal.objects.values_list("outcome", "count")) == {
        "unreadable": 1,
        "hard": 1,
        "unmatched": 1,
    }


# --- staff pages ---------------------------------------------------------------------------------


def test_staff_read_why_it_came_back_on_the_mail_and_on_the_account(client: Client) -> None:
    user = make_user(email=ADDRESS)
    mail = make_sent_mail(user)
    record(write_notification(POSTFIX, mail.message_id))
    client.force_login(make_staff("national"))
    page = client.get(reverse("admin:outbox_mail_change", args=[mail.pk])).content.decode()
    assert "code 5.1.1" in page
    found = client.get(reverse("admin:outbox_mail_changelist"), {"etat": "revenu"})
    assert str(mail.pk) in found.content.decode()
    account = reverse("admin:accounts_user_change", args=[user.pk])
    assert "Débloquer l’adresse" in client.get(account).content.decode()
    address = reverse("admin:lifecycle_account_act", args=[user.public_id, "debloquer"])
    assert client.post(address, follow=True).status_code == 200
    assert "Débloquer l’adresse" not in client.get(account).content.decode()
    assert (
        str(mail.pk)
        not in client.get(
            reverse("admin:outbox_mail_changelist"), {"etat": "revenu"}
        ).content.decode()
    )
