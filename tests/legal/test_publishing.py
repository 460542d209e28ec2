"""Drafting and publishing in the administration, and telling everybody before the date (D37)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.legal.models import TermsNotice, TermsVersion
from accounts.legal.terms import announcing
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.models import Entry
from mgestion.outbox.models import Mail
from tests.factories.habilitations import make_staff, make_user
from tests.factories.people import letters
from tests.legal.conftest import NOW
from tests.legal.test_gate import EFFECT, publish

pytestmark = pytest.mark.usefixtures("reference")
DRAFTS = "/admin/legal/termsversion/"
BODY = '<h2 id="article-1">Article 1</h2><p>Nouveau texte.</p>'
WRITTEN = {"slug": "ete-2026", "label": "Version Été 2026", "requires_acceptance": "on"}


@pytest.fixture
def agent(client: Client, settings: Any) -> User:
    # The second factor has tests of its own.
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactor" not in name]
    agent = make_staff("national")
    client.force_login(agent, backend="accounts.entry.login.backends.PasswordBackend")
    return agent


@pytest.mark.req("R67", "D37")
def test_the_national_administrator_drafts_reads_the_changes_and_publishes(
    client: Client, agent: User
) -> None:
    publish("hiver", NOW - timedelta(days=30), requires_acceptance=False)
    assert client.post(f"{DRAFTS}add/", {**WRITTEN, "body": BODY}).status_code == 302
    version = TermsVersion.objects.get(slug="ete-2026")
    assert version.published_at is None
    page = f"{DRAFTS}{version.pk}/publier/"
    assert page in client.get(f"{DRAFTS}{version.pk}/change/").text
    assert "Nouveau texte." in client.get(page).text and "<del>" in client.get(page).text
    with time_machine.travel(NOW, tick=False):
        client.force_login(agent, backend="accounts.entry.login.backends.PasswordBackend")
        late = client.post(page, {"effective": "2026-03-09"}).text
        assert "date d’effet est passée" in late
        assert client.post(page, {"effective": "2026-04-01"}).status_code == 302
    published = TermsVersion.objects.get(slug="ete-2026")
    assert published.published_at == NOW
    assert str(published.effective_at) == "2026-03-31 22:00:00+00:00"  # 0 h in Paris
    entry = Entry.objects.get(act="terms.published", object_id="ete-2026")
    assert (entry.actor_kind, entry.actor) == ("staff", str(agent.public_id))


@pytest.mark.req("R68")
def test_a_published_version_is_only_read(client: Client, agent: User) -> None:
    version = publish("hiver", NOW - timedelta(days=30), requires_acceptance=False)
    page = client.get(f"{DRAFTS}{version.pk}/change/").text
    assert 'name="body"' not in page and "publier" not in page
    answer = client.post(f"{DRAFTS}{version.pk}/change/", {**WRITTEN, "body": BODY})
    assert answer.status_code == 403
    assert client.post(f"{DRAFTS}{version.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{DRAFTS}{version.pk}/publier/", {}).status_code == 302
    version.refresh_from_db()
    assert version.label == "Version hiver"


def test_a_draft_that_a_page_must_not_hold_is_refused_at_once(client: Client, agent: User) -> None:
    answer = client.post(f"{DRAFTS}add/", {**WRITTEN, "body": "<p>a</p>\n<script>x</script>"})
    assert "Ligne 2\u00a0: la balise &lt;script&gt; n’est pas admise" in answer.text
    answer = client.post(f"{DRAFTS}add/", {**WRITTEN, "slug": "versions", "body": BODY})
    assert "est réservé" in answer.text
    assert not TermsVersion.objects.exists()


# --- the mail before ------------------------------------------------------------------------------


@pytest.mark.req("D37")
def test_everybody_is_told_once_in_batches_before_the_date() -> None:
    publish("hiver", NOW - timedelta(days=30))
    version = publish("printemps")
    people = [make_user() for _ in range(5)]
    make_user(Status.SUSPENDED)
    told = [announcing.announce_versions(NOW, limit=2)["printemps"] for _ in range(4)]
    assert told == [2, 2, 1, 0]
    assert TermsNotice.objects.get(version=version).finished_at == NOW
    assert Mail.objects.filter(kind=announcing.KIND).count() == 5
    mails = letters(announcing.KIND, now=NOW)
    assert {mail.to for mail in mails} == {user.email for user in people}
    assert "/cgu/printemps/differences/" in mails[0].text
    assert "vendredi 20 mars 2026" in mails[0].text


def test_a_crash_in_the_middle_sends_nobody_a_second_mail() -> None:
    publish("printemps")
    for _ in range(3):
        make_user()
    announcing.announce_versions(NOW)
    TermsNotice.objects.update(last_user=0, finished_at=None)
    announcing.announce_versions(NOW)
    assert Mail.objects.filter(kind=announcing.KIND).count() == 3


def test_once_in_force_or_gone_there_is_nothing_to_say() -> None:
    publish("printemps")
    user = make_user()
    announcing.announce_versions(NOW)
    assert letters(announcing.KIND, now=EFFECT) == []
    User.objects.filter(pk=user.pk).update(status=Status.CLOSING)
    assert letters(announcing.KIND, now=NOW) == []
    assert announcing.announce_versions(EFFECT) == {}
