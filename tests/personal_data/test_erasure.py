"""Nothing is left of somebody who is erased (R103, D29)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts.cas.models import LogoutDelivery, Ticket
from accounts.habilitations.accesses.flows import create_establishment
from accounts.habilitations.accesses.models import FORGOTTEN_NAME, Access
from accounts.habilitations.platforms.models import Platform
from accounts.leaving.account_erasure import build_data_subjects, erase_accounts
from accounts.leaving.block_list import hash_address_forms
from accounts.legal.models import TermsVersion
from accounts.people.enums import Status
from accounts.people.models import BlockedPerson, User
from mgestion import slots
from mgestion.errors import Refused
from mgestion.journal.models import Entry
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail, MailStatus
from mgestion.personal_data import ErasurePolicy, list_entries
from registrations.requests.models import Request, RequestEvent
from tests.factories.cas import ask_ticket, make_platform, validate
from tests.factories.habilitations import NOW, grant, make_access, make_user
from tests.factories.people import letters, log_in, path_in, person, settle
from tests.personal_data import scan
from tests.personal_data.rich import ADDRESS, LAST_NAME, PASSWORDS, TRACES, Rich, sign_up

pytestmark = pytest.mark.django_db
# The person is not banned, and no post is counted but by network.
UNUSED = {
    "accounts.blocked",
    "accounts.blocked_by",
    "accounts.block_reviewed_by",
    "entry.rates",
}
STAFF_ONLY = {
    "outbox.bounce_cleared_by",
    "accounts.allowed_by",
    "habilitations.token_by",
    "registrations.asked_by",
    "registrations.message_by",
    "registrations.undelivered_by",
    "legal.terms_withdrawn_by",
    "habilitations.suspended_by",
    "lifecycle.released_by",
    "lifecycle.ledger_acts",
}


@pytest.mark.both
@pytest.mark.req("R103", "D29", "S27", "S30", "R120")
def test_no_column_of_any_table_holds_the_person_any_more(rich: Rich) -> None:
    public_id = rich.user.public_id
    before = scan.found(TRACES)
    assert len(before) > 25, before  # the scan sees what there is
    counts = erase_accounts([rich.user.pk], cause="closure", now=rich.end)
    assert counts["accounts.account"] == 1
    connection.check_constraints()
    assert scan.found(TRACES) == set()
    # What stays names nobody, and to erase them twice is harmless.
    assert erase_accounts([rich.user.pk], cause="closure", now=rich.end) == {}
    line = Entry.objects.get(act="account.erased")
    assert (line.person, line.reason, line.actor) == (public_id, "closure", "accounts.erasure")
    lines = Entry.objects.filter(person=public_id)
    assert lines.count() > 10
    assert not lines.filter(detail__isnull=False).exists()


@pytest.mark.both
@pytest.mark.req("R103", "S14")
def test_every_entry_of_the_inventory_was_put_to_the_proof(rich: Rich) -> None:
    """And what belongs to others stays theirs."""
    people = build_data_subjects([rich.user])
    had = {name for name, entry in list_entries() if entry.rows(people).exists()}
    assert set(slots.personal_data) - had == UNUSED | STAFF_ONLY
    others = Request.objects.exclude(user=rich.user)
    before = set(others.values_list("pk", "status", "decided_by"))
    theirs = User.objects.exclude(pk=rich.user.pk).count()
    mails = Mail.objects.filter(person=rich.administrator.public_id).count()
    counts = erase_accounts([rich.user.pk], cause="closure", now=rich.end)
    for name, entry in list_entries():
        if name in had and entry.policy != ErasurePolicy.KEEP_PSEUDONYMOUS:
            assert counts[name] > 0, name
        left = entry.rows(people).count()
        assert bool(left) == (name in had and entry.policy == ErasurePolicy.KEEP_PSEUDONYMOUS), name
    assert set(others.values_list("pk", "status", "decided_by")) == before
    assert rich.user.public_id in {decided for _, _, decided in before}
    assert not others.filter(assignee__isnull=False).exists()
    assert RequestEvent.objects.filter(actor=rich.user.public_id).exists()
    assert User.objects.count() == theirs
    assert Access.objects.filter(user=rich.administrator).exists()
    told = Mail.objects.filter(person=rich.administrator.public_id)
    assert told.count() == mails > 0
    assert {(mail.status, mail.text) for mail in told} == {(MailStatus.SENT, "")}


@pytest.mark.req("R103")
def test_the_platforms_of_an_open_session_are_told_after_the_person_is_gone(rich: Rich) -> None:
    LogoutDelivery.objects.all().delete()
    Ticket.objects.filter(user=rich.user).update(clear="ST-1-demonstration")
    erase_accounts([rich.user.pk], cause="closure", now=rich.end)
    delivery = LogoutDelivery.objects.get()
    assert (delivery.session_index, delivery.reason) == ("ST-1-demonstration", "erased")


@pytest.mark.req("R89", "R99")
def test_no_platform_counted_lets_the_person_in_any_more(reference: None, client: Client) -> None:
    """An access on each of them, then the deletion that follows a deactivation."""
    gone = person(ADDRESS)
    make_platform()
    counted = list(Platform.objects.filter(counts_for_inactivity=True))
    assert len(counted) == 6
    for platform in counted:
        make_access(user=gone, platform=platform)
    with time_machine.travel(NOW, tick=False):
        log_in(client, ADDRESS)
        ticket = ask_ticket(client)
        erase_accounts([gone.pk], cause="admin", now=NOW)
        assert not Access.objects.filter(user_id=gone.pk).exists()
        assert "INVALID_TICKET" in validate(Client(), ticket)
        assert client.get("/services/").status_code == 302
        assert log_in(Client(), ADDRESS).status_code == 200  # the login page again


@pytest.mark.req("R103", "R17", "R18")
def test_the_address_can_sign_up_again_at_once(rich: Rich, client: Client) -> None:
    erase_accounts([rich.user.pk], cause="closure", now=rich.end)
    at = rich.end + timedelta(minutes=1)
    with time_machine.travel(at, tick=False):
        assert sign_up(client, at, "Zephyrine.Martin@Carrosserie-Exemple.example.org")
        assert sign_up(client, at).status_code == 303
        settle(at)
        reborn = User.objects.get(email=ADDRESS)
        assert reborn.public_id != rich.user.public_id
        assert (reborn.status, reborn.last_name) == (Status.PENDING, "")
        (message,) = letters("entry.create_password", person=reborn.public_id, now=at)
        path = path_in(message, "/inscription/mot-de-passe/")
        made = client.post(
            path,
            {
                "password1": PASSWORDS[0],
                "password2": PASSWORDS[0],
                "terms": "on",
                "terms_version": str(TermsVersion.objects.get().pk),
            },
        )
        assert made.status_code == 303
        # The old password, its counters and its history are nobody's any more.
        assert log_in(Client(), ADDRESS, PASSWORDS[0]).status_code == 303
        assert not Request.objects.filter(email_key=reborn.email_key).exists()


def test_an_erasure_that_fails_leaves_the_whole_person(
    rich: Rich, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(scan.texts())
    entry = slots.personal_data["accounts.account"]

    def fail(people: object, now: object) -> int:
        raise RuntimeError("the power went")

    object.__setattr__(entry, "erase", fail)
    try:
        with pytest.raises(RuntimeError):
            erase_accounts([rich.user.pk], cause="closure", now=rich.end)
    finally:
        object.__setattr__(entry, "erase", None)
    assert sorted(scan.texts()) == before


@pytest.mark.req("D30", "R82")
def test_a_ban_and_a_last_mail_outlive_the_account(rich: Rich, client: Client) -> None:
    """The ban as a keyed hash. The farewell of a closure is queued under no person, and its address
    is forgotten by its own room once it has left (D50).
    """
    farewell = Mail.objects.create(
        kind="lifecycle.closed",
        subject_id=uuid.uuid4(),
        key=f"lifecycle.closed:{uuid.uuid4()}:",
        data={"to": ADDRESS},
        created_at=rich.end,
        next_at=rich.end,
        message_id="<farewell@example.org>",
    )
    BlockedPerson.objects.create(
        digest=hash_address_forms(ADDRESS)[0], reason="breach", blocked_at=NOW
    )
    erase_accounts([rich.user.pk], cause="admin", now=rich.end)
    assert Mail.objects.filter(pk=farewell.pk, data__to=ADDRESS).exists()
    assert scan.found(TRACES) == {"outbox_mail.data"}
    with time_machine.travel(rich.end, tick=False):
        sign_up(client, rich.end)
        settle(rich.end)
    assert not User.objects.filter(email=ADDRESS).exists()


@pytest.mark.both
@pytest.mark.req("D24")
def test_the_last_superuser_is_never_erased() -> None:
    last = make_user(is_superuser=True, is_staff=True)
    other = make_user(is_superuser=True, is_staff=True, status=Status.SUSPENDED)
    plain = make_user()
    with pytest.raises(Refused) as refusal:
        erase_accounts([plain.pk, last.pk], cause="admin", now=NOW)
    assert refusal.value.code == "last_superuser"
    assert User.objects.count() == 3
    erase_accounts([plain.pk, other.pk], cause="admin", now=NOW)
    assert list(User.objects.all()) == [last]


@pytest.mark.req("D59", "D29")
def test_a_mail_on_its_way_to_an_administrator_says_nothing_any_more(reference: None) -> None:
    administrator = make_access(administrator=True)
    person = make_user(last_name=LAST_NAME)
    grant(person, administrator.establishment)
    mail = Mail.objects.get(person=administrator.user.public_id)
    assert build_message(mail, NOW) is not None
    erase_accounts([person.pk], cause="admin", now=NOW)
    mail.refresh_from_db()
    assert build_message(mail, NOW) is None


@pytest.mark.both
@pytest.mark.req("S27")
def test_the_name_of_an_establishment_goes_with_its_last_account(reference: None) -> None:
    """A sole trader's business has its owner's name; the SIRET is public."""
    alone, one, other = make_access(), make_access(), make_access()
    other.establishment = one.establishment
    other.save()
    erase_accounts([alone.user_id, one.user_id], cause="admin", now=NOW)
    for access, gone in ((alone, True), (one, False)):
        assert access.establishment is not None
        access.establishment.refresh_from_db()
        assert (access.establishment.name == FORGOTTEN_NAME) is gone
    place = alone.establishment
    assert place is not None
    again = create_establishment(
        siret=place.siret,
        kind=place.kind,
        name="Garage repris (fictif)",
        department=place.department,
        branch=place.branch,
        now=NOW,
    )
    assert (again.pk, again.name) == (place.pk, "Garage repris (fictif)")


def test_an_erasure_costs_the_same_number_of_statements_for_one_and_for_six(
    reference: None, django_assert_max_num_queries: Any
) -> None:
    people = [make_access().user for _ in range(7)]
    with django_assert_max_num_queries(75) as one:
        erase_accounts([people[0].pk], cause="admin", now=NOW)
    with django_assert_max_num_queries(75) as six:
        erase_accounts([user.pk for user in people[1:]], cause="admin", now=NOW)
    assert len(one) == len(six)
