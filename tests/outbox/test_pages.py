"""The demo's mailbox, and the staff's list of mails."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from accounts.habilitations.enums import StaffRole
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.outbox import flows
from mgestion.outbox.admin import MailAdmin, StateFilter
from mgestion.outbox.models import Mail, MailStatus
from tests.factories.habilitations import make_staff
from tests.outbox.kinds import put

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 17, 9, 0, tzinfo=UTC)


def written(**values: object) -> Mail:
    mail = put(now=NOW)
    Mail.objects.filter(pk=mail.pk).update(
        **{
            "to": "lea@garage.example.org",
            "subject": "Créer un mot de passe",
            "text": "Ouvrez http://127.0.0.1:8000/inscription/mot-de-passe/k3y/ <script>x</script>",
            "html": '<p style="color:red">Bonjour <a href="http://127.0.0.1:8000/">ici</a></p>',
            "status": MailStatus.SENT,
            **values,
        }
    )
    return mail


def test_the_mailbox_lists_mails_newest_first_and_finds_a_recipient(client: Client) -> None:
    written(created_at=NOW - timedelta(hours=1), subject="Ancien")
    written(subject="Nouveau", to="marc@garage.example.org")
    page = client.get("/courriels/").content.decode()
    assert page.index("Nouveau") < page.index("Ancien")
    found = client.get("/courriels/?q=marc@").content.decode()
    assert "Nouveau" in found
    assert "Ancien" not in found


def test_an_empty_mailbox_and_a_wrong_page_are_no_errors(client: Client) -> None:
    assert "Aucun e-mail" in client.get("/courriels/").content.decode()
    assert client.get("/courriels/?page=999&q=x").status_code == 200
    assert client.get(f"/courriels/{uuid4()}/").status_code == 404


def test_a_mails_text_is_shown_with_working_links_and_nothing_that_runs(client: Client) -> None:
    mail = written()
    page = client.get(f"/courriels/{mail.pk}/").content.decode()
    assert 'href="http://127.0.0.1:8000/inscription/mot-de-passe/k3y/"' in page
    assert "<script>x</script>" not in page
    assert f"/courriels/{mail.pk}/html/" in page


@pytest.mark.foreign_html
def test_a_mails_html_is_a_page_under_a_policy_of_its_own(client: Client) -> None:
    mail = written()
    response = client.get(f"/courriels/{mail.pk}/html/")
    policy = response["Content-Security-Policy"]
    assert response.content.decode() == Mail.objects.get(pk=mail.pk).html
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    empty = put(now=NOW)
    assert client.get(f"/courriels/{empty.pk}/html/").status_code == 404


def test_the_mailbox_costs_the_same_with_one_mail_and_with_six(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    written()
    with django_assert_num_queries(2):
        client.get("/courriels/")
    for _ in range(5):
        written()
    with django_assert_num_queries(2):
        client.get("/courriels/")


def test_staff_resend_dead_mails_and_others_are_left_alone(client: Client) -> None:
    dead, sent = written(status=MailStatus.DEAD), written()
    agent = make_staff(StaffRole.NATIONAL)
    client.force_login(agent)
    chosen = {"action": "send_again", "_selected_action": [str(dead.pk), str(sent.pk)]}
    assert client.post("/admin/outbox/mail/", chosen).status_code == 302
    dead.refresh_from_db()
    sent.refresh_from_db()
    assert (dead.status, sent.status) == (MailStatus.QUEUED, MailStatus.SENT)
    entry = Entry.objects.get(act="mail.resent")
    assert (entry.actor_kind, entry.actor) == ("staff", str(agent.public_id))


def test_a_dead_mail_of_which_nothing_is_known_any_more_is_not_sent_again(settings: Any) -> None:
    """Its builder would ask for what was forgotten, and never come to an end."""
    dead = written(status=MailStatus.DEAD)
    old = NOW + settings.RETENTION["mail_bodies"] + timedelta(days=1)
    assert flows.purge_old_mails(old)["mails"] == 1
    with pytest.raises(WrongState):
        flows.resend_dead_mail(dead.pk, Actor.system("test"), old)
    dead.refresh_from_db()
    assert dead.status == MailStatus.DEAD


def test_the_staffs_page_never_shows_what_a_mail_said() -> None:
    shown = {*MailAdmin.fields, *MailAdmin.list_display}
    assert not shown & {"text", "html", "data"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [("dead", {"dead"}), ("queued", {"queued", "retrying"}), ("en-difficulte", {"retrying"})],
)
def test_mails_are_filtered_by_state(state: str, expected: set[str]) -> None:
    written(subject="dead", status=MailStatus.DEAD)
    written(subject="queued", status=MailStatus.QUEUED)
    written(subject="retrying", status=MailStatus.QUEUED, attempts=2)
    request = RequestFactory().get("/", {"etat": state})
    chosen = StateFilter(request, {"etat": [state]}, Mail, MailAdmin(Mail, admin.site))
    rows = chosen.queryset(request, Mail.objects.all())
    assert set(rows.values_list("subject", flat=True)) == expected
