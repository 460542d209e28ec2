"""A decision that never reached its addressee stands before the reviewer (D27, R45)."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
import time_machine

from accounts.habilitations.enums import StaffRole
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail, MailStatus
from registrations.desk.acts import decide
from registrations.desk.reminders import undelivered_flows
from registrations.desk.reminders.models import UndeliveredMail
from registrations.desk.reminders.undelivered_list import list_open_notices
from registrations.requests.enums import RequestAct, UndeliveredOutcome
from registrations.requests.models import Request
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import (
    QUEUE,
    address_of,
    find_listed,
    make_reason,
    make_request,
    messages_of,
    text_of,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "paris_morning"),
    pytest.mark.req("D27", "R45"),
]
LATER = NOW + timedelta(days=1, hours=1)
ERROR = "550 5.1.1 unknown mailbox"


@pytest.fixture
def paris_morning() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def refused(agent: User) -> Request:
    row = make_request()
    decide.refuse_request(
        row.pk,
        version=row.version,
        reason=make_reason(),
        text="Le SIRET ne correspond pas.",
        actor_user=agent,
        now=NOW,
    )
    row.refresh_from_db()
    return row


def die(row: Request) -> Mail:
    """What 24 hours of 550 make of the refusal."""
    mail = Mail.objects.get(kind="registrations.refused", subject_id=row.pk)
    mail.status, mail.to, mail.last_error = MailStatus.DEAD, row.user.email, ERROR
    mail.save()
    return mail


def test_a_dead_decision_comes_back_in_sight_and_the_delegation_is_told(agent: User) -> None:
    row, client = refused(agent), client_of(agent)
    assert undelivered_flows.sweep_undelivered(LATER)["undelivered"] == 0
    die(row)
    assert not list_open_notices(row)
    assert undelivered_flows.sweep_undelivered(LATER)["undelivered"] == 1
    assert undelivered_flows.sweep_undelivered(LATER)["undelivered"] == 0  # once
    page = text_of(client, row)
    assert "E-mail non remis : demande refusée" in page.replace("\u00a0", " ")
    assert ERROR in page and row.user.email in page
    # On the home and above the queue, with what it counts.
    for address in ("/admin/", QUEUE):
        assert "?statut=non-remis" in client.get(address).text
    assert find_listed(agent, "statut=non-remis") == {row.reference}
    assert find_listed(agent, "statut=a-traiter") == set()
    mail = Mail.objects.get(kind=undelivered_flows.UNDELIVERED_MAIL)
    letter = build_message(mail, LATER)
    assert letter is not None and row.delegation is not None
    assert letter.to == row.delegation.email
    assert row.reference in letter.subject
    for secret in (row.user.email, row.last_name, row.company_name):
        assert secret not in letter.text


def test_sent_again_it_is_settled_and_reported_again_if_it_dies_again(agent: User) -> None:
    row, client = refused(agent), client_of(agent)
    mail = die(row)
    undelivered_flows.sweep_undelivered(LATER)
    notice = UndeliveredMail.objects.get()
    sent_again = client.post(address_of(row, "resend"), {"notice": notice.pk})
    assert "est renvoyé" in messages_of(sent_again)
    mail.refresh_from_db()
    assert mail.status == MailStatus.QUEUED
    assert "non-remis" not in client.get("/admin/").text
    sent_again = client.post(address_of(row, "resend"), {"notice": notice.pk})
    assert "déjà réglé" in messages_of(sent_again)
    assert undelivered_flows.sweep_undelivered(LATER)["undelivered"] == 0
    die(row)
    assert undelivered_flows.sweep_undelivered(LATER + timedelta(days=2))["undelivered"] == 1
    assert UndeliveredMail.objects.get(closed_at=None).pk == notice.pk
    assert Mail.objects.filter(kind=undelivered_flows.UNDELIVERED_MAIL).count() == 2


def test_told_otherwise_needs_how_and_when_and_is_the_end_of_it(agent: User) -> None:
    row, client = refused(agent), client_of(agent)
    die(row)
    undelivered_flows.sweep_undelivered(LATER)
    notice = UndeliveredMail.objects.get()
    said = {"notice": notice.pk, "text": "Appel"}
    page = unescape(client.post(address_of(row, "told_otherwise"), said).text)
    assert "Dites comment et quand" in page
    assert "Appel</textarea>" in page
    said["text"] = "Appelée ce matin à 10 h."
    assert client.post(address_of(row, "told_otherwise"), said).status_code == 302
    notice.refresh_from_db()
    assert notice.outcome == UndeliveredOutcome.TOLD
    assert notice.closed_by == agent.public_id
    event = row.events.get(act=RequestAct.TOLD_OTHERWISE)
    assert event.internal_note == "Appelée ce matin à 10 h." and not event.text
    assert undelivered_flows.sweep_undelivered(LATER)["undelivered"] == 0
    mail = Mail.objects.get(kind=undelivered_flows.UNDELIVERED_MAIL)
    assert build_message(mail, LATER) is None


def test_what_the_server_takes_after_all_is_no_longer_shown(agent: User) -> None:
    row = refused(agent)
    mail = die(row)
    undelivered_flows.sweep_undelivered(LATER)
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.SENT, accepted_at=LATER)
    assert undelivered_flows.sweep_undelivered(LATER)["delivered_after_all"] == 1
    assert not UndeliveredMail.objects.filter(closed_at=None).exists()


def test_a_lost_acknowledgment_and_a_mail_about_nothing_call_nobody() -> None:
    row = make_request()
    for kind, subject in (
        ("registrations.acknowledgment", row.pk),
        (undelivered_flows.WATCHED_MAIL_KINDS[0], uuid4()),
    ):
        Mail.objects.create(
            kind=kind,
            subject_id=subject,
            key=f"{kind}:{subject}:",
            status=MailStatus.DEAD,
            created_at=NOW,
            next_at=NOW,
            message_id=f"<{kind}@example.org>",
        )
    assert undelivered_flows.sweep_undelivered(LATER)["undelivered"] == 0


def test_nobody_else_sees_it_and_only_a_reviewer_of_the_scope_settles_it(agent: User) -> None:
    row = refused(agent)
    die(row)
    undelivered_flows.sweep_undelivered(LATER)
    notice = UndeliveredMail.objects.get()
    outsider, auditor = make_staff(delegations=("BRE",)), make_staff(StaffRole.AUDITOR)
    breton = client_of(outsider)
    assert "non-remis" not in breton.get("/admin/").text
    assert find_listed(outsider, "statut=non-remis") == set()
    page = text_of(client_of(auditor), row)
    assert "E-mail non remis" in page and "Renvoyer à" not in page
    for person in (outsider, auditor, make_staff(delegations=("IDF",), user=row.user)):
        with pytest.raises(Refused):
            undelivered_flows.resend_mail(row.pk, notice.pk, actor_user=person, now=LATER)
        with pytest.raises(Refused):
            undelivered_flows.record_told_otherwise(
                row.pk, notice.pk, text="Appelée à 10 h.", actor_user=person, now=LATER
            )
    notice.refresh_from_db()
    assert notice.closed_at is None


def test_the_national_home_says_what_waits_in_each_room(agent: User) -> None:
    die(refused(agent))
    national, reviewer = client_of(make_staff(StaffRole.NATIONAL)), client_of(agent)
    page = national.get("/admin/").text
    watch = page.partition("watch-title")[2].partition("</section>")[0]
    assert "E-mails en échec" in watch and "?etat=dead" in watch
    assert "watch-title" not in reviewer.get("/admin/").text
