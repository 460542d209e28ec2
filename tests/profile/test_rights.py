"""The register of rights requests: one month, told, answered (R80, R121, S33; GDPR 12)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.leaving.account_erasure import build_data_subjects, erase_accounts
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.profile import metrics, tasks
from accounts.profile.enums import Channel, RequestState, Right
from accounts.profile.models import RightsRequest
from accounts.profile.personal_data import ENTRIES
from accounts.profile.rights import flows as rights_flows
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.people import NOW, letters, person, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/compte/mes-donnees/"
FORM = f"{PAGE}demande/"
DPO = Actor("staff", "7b0f2f6e-3a4e-4a55-9a3e-0d1f2c3b4a5d")


@pytest.fixture
def someone() -> User:
    return person(last_name="Martin", first_name="Jeanne")


def asked(user: User, right: str = Right.ACCESS, now: datetime = NOW) -> RightsRequest:
    return rights_flows.ask_for_right(user, right=right, said="Tout ce que vous avez", now=now)


def letter(user: User | None = None, **said: Any) -> RightsRequest:
    values = {
        "name": "Paul Fictif",
        "contact": "1 rue Fictive, 75000 Paris",
        "right": Right.ERASURE,
        "channel": Channel.POST,
        "said": "Effacez tout",
        "received_on": NOW.date(),
        **said,
    }
    return rights_flows.enter_rights_request(user, actor=DPO, now=NOW, **values)


@pytest.mark.req("S33", "S35")
def test_the_answer_is_due_in_a_month_or_in_three() -> None:
    for received, due, extended in [
        (date(2026, 3, 17), date(2026, 4, 17), date(2026, 6, 17)),
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30)),
        (date(2027, 12, 31), date(2028, 1, 31), date(2028, 3, 31)),
    ]:
        assert rights_flows.get_due_date(received) == due
        assert rights_flows.get_due_date(received, extended=True) == extended


@pytest.mark.req("R121", "S33", "R135")
def test_each_right_is_asked_on_the_page_acknowledged_and_followed(
    someone: User, client: Client
) -> None:
    with time_machine.travel(NOW, tick=False):
        sign_in(client)
        assert client.get(FORM).status_code == 200
        for right in reversed(Right):  # the first one stays
            before = transaction.savepoint()
            answer = client.post(FORM, {"right": right, "said": "Je demande ceci."})
            assert (answer.status_code, answer["Location"]) == (303, PAGE)
            row = RightsRequest.objects.get()
            assert (row.right, row.state, row.due_on) == (
                right,
                RequestState.ACKNOWLEDGED,
                date(2026, 4, 17),
            )
            if right != list(Right)[0]:
                transaction.savepoint_rollback(before)
        page = client.get(PAGE).text
    for said in (row.reference, "vendredi 17 avril 2026 (heure de Paris)", "Je demande ceci."):
        assert said in page
    (mail,) = letters(rights_flows.ACKNOWLEDGED)
    assert mail.to == someone.email
    assert "au plus tard le vendredi 17 avril 2026 (heure de Paris)" in mail.text
    assert mail.deadline == date(2026, 4, 17)
    (told,) = letters(rights_flows.NEW)
    assert told.to == "dpo@opcomobilites.fr"
    for private in ("Martin", someone.email, "Je demande"):
        assert private not in told.text + told.html


@pytest.mark.req("R121")
def test_bad_input_is_explained_and_kept(someone: User, client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        sign_in(client)
        for said, message in (
            ({"said": "Ceci"}, "Choisissez un droit."),
            ({"right": "gold", "said": "Ceci"}, "Choisissez un droit de la liste."),
            ({"right": "access"}, "Dites en quelques mots"),
            ({"right": "access", "said": "a" * 2001}, "Soyez plus bref"),
        ):
            page = client.post(FORM, said)
            assert page.status_code == 200
            assert message in page.text
            assert said.get("said", "") in page.text
    assert not RightsRequest.objects.exists()


@pytest.mark.req("S14")
def test_nobody_sees_another_persons_requests(someone: User, client: Client) -> None:
    other = asked(person("autre.personne@garage.example.org"))
    with time_machine.travel(NOW, tick=False):
        sign_in(client)
        assert other.reference not in client.get(PAGE).text


def test_the_same_words_twice_are_one_request_and_five_wait_at_most(someone: User) -> None:
    assert asked(someone) == asked(someone)
    for right in list(Right)[1:5]:
        asked(someone, right)
    with pytest.raises(Refused, match="demandes en cours"):
        asked(someone, Right.PORTABILITY)
    assert RightsRequest.objects.count() == 5


@pytest.mark.req("S33")
def test_extended_once_within_the_month_with_a_motive_told(someone: User) -> None:
    row = asked(someone)
    row = rights_flows.extend_rights_request(
        row.pk, reason="Archives nombreuses", actor=DPO, now=NOW
    )
    assert row.due_on == date(2026, 6, 17)
    (mail,) = letters(rights_flows.EXTENDED)
    assert "Archives nombreuses" in mail.text and "mercredi 17 juin 2026" in mail.text
    with pytest.raises(WrongState):
        rights_flows.extend_rights_request(row.pk, reason="Encore", actor=DPO, now=NOW)
    late = asked(someone, Right.OBJECTION)
    with pytest.raises(WrongState, match="premier mois est passé"):
        rights_flows.extend_rights_request(
            late.pk,
            reason="Trop tard",
            actor=DPO,
            now=datetime(2026, 4, 17, 22, 0, tzinfo=NOW.tzinfo),
        )


@pytest.mark.req("S33", "R121")
@pytest.mark.parametrize("verb", ["answer", "refuse"])
def test_the_answer_is_told_and_read_on_the_page(someone: User, client: Client, verb: str) -> None:
    row = asked(someone)
    if verb == "answer":
        rights_flows.answer_rights_request(
            row.pk, text="Votre nom est corrigé.", actor=DPO, now=NOW
        )
    else:
        rights_flows.refuse_rights_request(
            row.pk, reason="Votre nom est corrigé.", actor=DPO, now=NOW
        )
    (mail,) = letters(rights_flows.SETTLED)
    assert "CNIL" in mail.text and "juge" in mail.text
    assert "corrigé" not in mail.text
    with time_machine.travel(NOW, tick=False):
        sign_in(client)
        page = client.get(PAGE).text
    assert "Votre nom est corrigé." in page
    assert ("Motif du refus" in page) == (verb == "refuse")
    for again in (rights_flows.answer_rights_request, rights_flows.acknowledge_rights_request):
        more = {"text": "Autre"} if again is rights_flows.answer_rights_request else {}
        with pytest.raises(WrongState):
            again(row.pk, actor=DPO, now=NOW, **more)
    with pytest.raises(WrongState):  # closed, a refusal would read as an answer
        rights_flows.close_rights_request(row.pk, note="Classée", actor=DPO, now=NOW)


def test_who_cannot_log_in_any_more_reads_the_answer_in_the_mail(someone: User) -> None:
    row = asked(someone)
    User.objects.update(status=Status.SUSPENDED)
    rights_flows.answer_rights_request(row.pk, text="Voici & voilà.", actor=DPO, now=NOW)
    (mail,) = letters(rights_flows.SETTLED)
    assert "Voici & voilà." in mail.text and "Voici &amp; voilà." in mail.html


@pytest.mark.req("S33", "R79")
def test_a_letter_waits_for_its_acknowledgement_and_sends_no_mail() -> None:
    row = letter()
    assert (row.state, row.acknowledged_at, row.person) == (RequestState.RECEIVED, None, None)
    rights_flows.acknowledge_rights_request(row.pk, actor=DPO, now=NOW)
    rights_flows.answer_rights_request(row.pk, text="Fait.", actor=DPO, now=NOW)
    assert not Mail.objects.exists()
    with pytest.raises(Refused):
        letter(received_on=NOW.date() + timedelta(days=1))


@pytest.mark.req("R79", "R80")
def test_an_erasure_leads_to_the_closure_of_the_account_and_still_owes_an_answer(
    someone: User,
) -> None:
    row = letter(someone)
    assert row.name == "Paul Fictif" and row.state == RequestState.ACKNOWLEDGED
    rights_flows.close_account_for_request(row.pk, actor=DPO, now=NOW)
    someone.refresh_from_db()
    row.refresh_from_db()
    assert someone.status == Status.CLOSING
    assert row.is_open
    line = Entry.objects.get(act="account.closing")
    assert (line.actor_kind, line.reason) == ("staff", "letter")
    assert "mardi 17 mars 2026" in line.detail.data["note"]
    access = asked(person("autre.personne@garage.example.org"))
    with pytest.raises(WrongState):
        rights_flows.close_account_for_request(access.pk, actor=DPO, now=NOW)


def test_one_without_an_answer_is_not_closed_in_silence(someone: User) -> None:
    row = asked(someone)
    with pytest.raises(Refused, match="dites pourquoi"):
        rights_flows.close_rights_request(row.pk, actor=DPO, now=NOW)
    rights_flows.close_rights_request(row.pk, note="Retirée au téléphone", actor=DPO, now=NOW)
    row.refresh_from_db()
    assert (row.notes, row.state) == ("Retirée au téléphone", RequestState.CLOSED)
    assert row.closed_at == NOW


@pytest.mark.req("D29", "S33")
@pytest.mark.parametrize("contact", ["{}", "Paul Fictif <{}>", "écrire à {}, ou 1 rue Fictive"])
def test_a_letter_that_gives_an_accounts_address_is_that_accounts(
    someone: User, contact: str
) -> None:
    row = letter(contact=contact.format(someone.email.title()))
    assert (row.person, row.state) == (someone.public_id, RequestState.ACKNOWLEDGED)
    (mail,) = letters(rights_flows.ACKNOWLEDGED)
    assert mail.to == someone.email


@pytest.mark.req("D29", "S27")
def test_a_letter_of_before_the_account_goes_with_it_and_is_in_the_copy() -> None:
    row = letter(contact="Paul <Paul.Fictif@garage.example.org>")
    other = letter(contact="autre.fictif@garage.example.org")
    user = person("paul.fictif@garage.example.org", last_name="Fictif")
    (line,) = ENTRIES["profile.rights"].export(build_data_subjects([user]))
    assert "Paul <Paul.Fictif@garage.example.org>" in line.values()
    erase_accounts([user.pk], cause="admin", now=NOW)
    row.refresh_from_db()
    assert (row.name, row.contact, row.contact_key, row.said) == ("", "", "", "")
    assert row.state == RequestState.CLOSED
    other.refresh_from_db()
    assert other.name == "Paul Fictif" and other.is_open


def test_a_request_stays_its_accounts_when_another_takes_the_address(someone: User) -> None:
    row = asked(someone)
    address = someone.email
    User.objects.filter(pk=someone.pk).update(email="a@b.example.org", email_key="a@b.example.org")
    heir = person(address)
    assert ENTRIES["profile.rights"].export(build_data_subjects([heir])) == []
    erase_accounts([heir.pk], cause="admin", now=NOW)
    row.refresh_from_db()
    assert row.person == someone.public_id and row.contact


@pytest.mark.req("S33", "S60")
def test_the_dpo_is_reminded_before_and_after_the_last_day_once_each(someone: User) -> None:
    row = asked(someone)
    letter(received_on=date(2026, 5, 1) - timedelta(days=60))  # late already
    sent: list[date] = []
    for day in (0, *range(20, 40)):
        now = NOW + timedelta(days=day)
        with time_machine.travel(now, tick=False):
            tasks.remind_and_purge_rights_requests()
            tasks.remind_and_purge_rights_requests()
        mine = Mail.objects.filter(kind=rights_flows.DUE, subject_id=row.pk).count()
        if mine > len(sent):
            sent.append(now.date())
    assert sent == [date(2026, 4, 10), date(2026, 4, 15), date(2026, 4, 18)]
    for mail in letters(rights_flows.DUE, now=NOW + timedelta(days=40)):
        assert mail.to == "dpo@opcomobilites.fr"
        assert mail.subject.startswith("En retard")
        assert "Martin" not in mail.text and "Fictif" not in mail.text
    assert metrics.measure_rights_requests(NOW + timedelta(days=40)) == {
        "profile_rights_open": 2.0,
        "profile_rights_late": 2.0,
    }
    assert (
        metrics.measure_rights_requests(datetime(2026, 4, 17, 21, 59, tzinfo=NOW.tzinfo))[
            "profile_rights_late"
        ]
        == 1
    )


def test_a_reminder_whose_day_was_missed_leaves_at_the_next_run(someone: User) -> None:
    asked(someone)
    assert rights_flows.remind_of_due_requests(NOW + timedelta(days=20)) == {"reminded": 0}
    for days in (27, 35, 60):  # no run between
        rights_flows.remind_of_due_requests(NOW + timedelta(days=days))
    cycles = Mail.objects.filter(kind=rights_flows.DUE).values_list("cycle", flat=True)
    assert sorted(cycles) == ["2026-04-17/-1", "2026-04-17/7"]


@pytest.mark.req("R120", "S32")
def test_settled_requests_are_forgotten_after_three_years_and_open_ones_never(
    someone: User,
) -> None:
    answered, withdrawn, waiting = asked(someone), asked(someone, Right.ERASURE), letter()
    rights_flows.answer_rights_request(answered.pk, text="Fait.", actor=DPO, now=NOW)
    rights_flows.close_rights_request(withdrawn.pk, note="Retirée", actor=DPO, now=NOW)
    assert rights_flows.purge_settled_requests(NOW + timedelta(days=1095)) == {"rights": 0}
    assert rights_flows.purge_settled_requests(NOW + timedelta(days=1096)) == {"rights": 2}
    assert RightsRequest.objects.get() == waiting


@pytest.mark.req("R103", "D29")
def test_an_erasure_leaves_dates_and_no_person(someone: User) -> None:
    row = asked(someone)
    erase_accounts([someone.pk], cause="closure", now=NOW)
    row.refresh_from_db()
    assert (row.person, row.name, row.contact, row.said) == (None, "", "", "")
    assert (row.state, row.closed_at, row.received_on) == (RequestState.CLOSED, NOW, NOW.date())


def test_the_database_refuses_what_cannot_be(someone: User, subtests: pytest.Subtests) -> None:
    rows = RightsRequest.objects.filter(pk=asked(someone).pk)
    impossible: list[dict[str, Any]] = [
        {"state": "lost"},
        {"due_on": NOW.date()},
        {"state": RequestState.CLOSED},
        {"state": RequestState.ANSWERED},
    ]
    for wrong in impossible:
        with subtests.test(wrong=wrong), pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_the_page_costs_the_same_for_one_and_for_five(someone: User, client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        sign_in(client)
        asked(someone)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as one:
            client.get(PAGE)
        for day in range(4):
            letter(someone, received_on=NOW.date() - timedelta(days=day))
        with CaptureQueriesContext(connection) as many:
            client.get(PAGE)
    assert len(one) == len(many)
