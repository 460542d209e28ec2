"""A copy of one's data: asked after a proof, made by a worker, open for a day (R121, S34)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client, override_settings

from accounts.people.enums import Status
from accounts.people.models import User
from accounts.profile import tasks
from accounts.profile.export import flows as export_flows
from accounts.profile.export import personal_copy
from accounts.profile.models import DataExport
from mgestion.errors import Refused
from mgestion.jobs.models import JobRun
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.people import NOW, letters, path_in, person, sign_in
from tests.together import run_together

pytestmark = pytest.mark.django_db
PAGE = "/compte/mes-donnees/"
ASK = f"{PAGE}copie/"
DAY = timedelta(days=1)


@pytest.fixture
def someone() -> User:
    return person(last_name="Martin", first_name="Jeanne")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy without its sections, which the first test and tests/personal_data collect."""
    monkeypatch.setattr(personal_copy, "list_sections", lambda user: [])


def made(user: User, now: datetime = NOW) -> DataExport:
    copy = export_flows.ask_for_export(user, now=now)
    export_flows.build_due_exports(now)
    copy.refresh_from_db()
    return copy


@pytest.mark.both
@pytest.mark.req("R121", "S34")
def test_asked_then_made_then_told_by_a_mail_whose_link_opens_it(
    someone: User, client: Client
) -> None:
    with time_machine.travel(NOW, tick=False):
        sign_in(client)
        assert "Demander une copie" in client.get(PAGE).text
        answer = client.post(ASK)
        assert (answer.status_code, answer["Location"]) == (303, PAGE)
        page = client.get(PAGE).text
        assert "En préparation" in page and "Demander une copie" not in page
        assert letters(export_flows.READY) == []
        tasks.build_exports()
        assert "Prête jusqu’au mercredi 18 mars 2026 à 10\u00a0h\u00a000 (heure de Paris)" in (
            client.get(PAGE).text
        )
        (mail,) = letters(export_flows.READY)
        assert mail.to == someone.email
        assert "Martin" not in mail.text.partition("\n")[2]
        for text in (mail.text, mail.html):  # a stranger asked: a new password is not enough
            assert "changez votre mot de passe" not in text and "/signalement/" in text
        assert client.get(path_in(mail, ASK)).status_code == 200
    assert JobRun.objects.get(job="profile.exports").counts == {"built": 1, "gone": 0}
    acts = set(Entry.objects.filter(person=someone.public_id).values_list("act", flat=True))
    assert {"data.export_asked", "data.export_built"} <= acts


@pytest.mark.req("R121", "S16")
@pytest.mark.usefixtures("short")
def test_a_borrowed_screen_neither_asks_nor_reads(someone: User, client: Client) -> None:
    copy = made(someone)
    with time_machine.travel(NOW, tick=False) as clock:
        sign_in(client)
        clock.shift(3600)
        for path in (ASK, f"{ASK}{copy.pk}/"):
            answer = client.post(path)
            assert (answer.status_code, answer["Location"]) == (303, path)
            answer = client.get(path)
            assert answer.status_code == 303
            assert answer["Location"].startswith("/compte/second-facteur/verification/?next=")
    assert DataExport.objects.count() == 1
    assert not Entry.objects.filter(act="data.exported").exists()


@pytest.mark.req("R121", "S14")
@pytest.mark.usefixtures("short")
def test_a_copy_opens_for_its_person_alone_and_for_a_day(someone: User, client: Client) -> None:
    theirs = made(person("autre.personne@garage.example.org"))
    mine = made(someone)
    with time_machine.travel(NOW, tick=False):
        sign_in(client)
        assert client.get(f"{ASK}{mine.pk}/").status_code == 200
        for method in (client.get, client.post):
            assert method(f"{ASK}{theirs.pk}/").status_code == 410
    with time_machine.travel(NOW + DAY - timedelta(minutes=1), tick=False):
        sign_in(client)
        assert client.post(f"{ASK}{mine.pk}/").status_code == 200
    with time_machine.travel(NOW + DAY, tick=False):
        sign_in(client)
        gone = client.get(f"{ASK}{mine.pk}/")
        assert gone.status_code == 410
        assert "Demander une nouvelle copie" in gone.text
        assert "elle est effacée" in client.get(PAGE).text
        tasks.purge_exports()
        assert not DataExport.objects.exists()
        assert client.get(f"{ASK}{mine.pk}/").status_code == 410
        assert "Demander une copie" in client.get(PAGE).text
        assert letters(export_flows.READY, now=NOW + DAY) == []


@pytest.mark.req("R121")
@pytest.mark.usefixtures("short")
def test_three_a_day_and_one_at_a_time(someone: User) -> None:
    first = export_flows.ask_for_export(someone, now=NOW)
    assert export_flows.ask_for_export(someone, now=NOW) == first
    for hour in range(3):
        made(someone, NOW + timedelta(hours=hour))
    with pytest.raises(Refused, match="Revenez demain"):
        export_flows.ask_for_export(someone, now=NOW + timedelta(hours=3))
    assert DataExport.objects.count() == 3
    export_flows.ask_for_export(someone, now=NOW + DAY)


@pytest.mark.usefixtures("short")
def test_the_page_says_so_when_there_were_too_many(someone: User, client: Client) -> None:
    with time_machine.travel(NOW, tick=False), override_settings(EXPORTS_PER_DAY=1):
        made(someone)
        sign_in(client)
        assert "Revenez demain" in client.post(ASK, follow=True).text


@pytest.mark.both
def test_the_database_holds_one_copy_in_the_making_a_person(someone: User) -> None:
    export_flows.ask_for_export(someone, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        DataExport.objects.create(user=someone, asked_at=NOW)


def test_a_copy_that_fails_stops_no_other_and_is_tried_again(
    someone: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = export_flows.ask_for_export(someone, now=NOW)
    export_flows.ask_for_export(person("autre.personne@garage.example.org"), now=NOW)

    def collect(user: User) -> list[Any]:
        if user == someone:
            raise RuntimeError("the power went")
        return []

    monkeypatch.setattr(personal_copy, "list_sections", collect)
    with pytest.raises(RuntimeError):
        export_flows.build_due_exports(NOW)
    assert DataExport.objects.filter(ready_at__isnull=False).count() == 1
    monkeypatch.undo()
    assert export_flows.build_due_exports(NOW) == {"built": 0, "gone": 0}  # leased
    assert export_flows.build_due_exports(NOW + export_flows.LEASE)["built"] == 1
    assert Mail.objects.filter(subject_id=broken.pk).count() == 1


@pytest.mark.usefixtures("short")
def test_nothing_is_said_to_an_account_that_cannot_log_in(someone: User) -> None:
    made(someone)
    User.objects.update(status=Status.SUSPENDED)
    assert letters(export_flows.READY) == []


@pytest.mark.usefixtures("short")
def test_a_copy_sealed_under_a_lost_key_is_gone(someone: User) -> None:
    copy, today = made(someone), settings.SECRET_KEY
    with override_settings(SECRET_KEY="another" * 9):
        assert export_flows.select_readable_exports(someone, copy.pk, NOW) is None
    with override_settings(SECRET_KEY="another" * 9, SECRET_KEY_FALLBACKS=[today]):
        assert export_flows.select_readable_exports(someone, copy.pk, NOW) is not None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("short")
def test_two_workers_make_it_once() -> None:
    export_flows.ask_for_export(person(), now=NOW)
    done = run_together(*[lambda: export_flows.build_due_exports(NOW)] * 2)
    assert sum(one["built"] for one in done) == 1
    assert Mail.objects.filter(kind=export_flows.READY).count() == 1
