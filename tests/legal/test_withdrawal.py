"""A version with a wrong day is taken back before it, and whoever was told is told (R67, D37)."""

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.habilitations.enums import StaffRole
from accounts.legal.models import TermsVersion, TermsWithdrawal
from accounts.legal.terms import announcing, flows
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail, MailStatus
from mgestion.text.dates import paris_date
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("R67", "D37")]
EFFECT = NOW + timedelta(days=40)


@pytest.fixture
def agent() -> User:
    return make_staff(StaffRole.NATIONAL)


def published(agent: User) -> TermsVersion:
    draft = TermsVersion.objects.create(
        slug="essai", label="Version Essai", body='<h2 id="a">Article</h2><p>Texte.</p>'
    )
    return flows.publish_version(draft, effective_at=EFFECT, actor=Actor.staff(agent), now=NOW)


def test_it_never_comes_into_force_and_those_who_were_told_are_told(agent: User) -> None:
    version, late = published(agent), make_user()
    announcing.announce_versions(NOW)
    letters = Mail.objects.filter(kind=announcing.KIND)
    letters.exclude(person=late.public_id).update(status=MailStatus.SENT)
    made = flows.withdraw_version(version, reason="Année fausse", actor=Actor.staff(agent), now=NOW)
    assert made.withdrawn_by == agent.public_id
    after = EFFECT + timedelta(days=1)
    assert flows.get_current_version(after) is None
    waiting = letters.get(person=late.public_id)
    assert build_message(waiting, NOW) is None  # what did not leave does not leave
    announcing.announce_versions(NOW)
    announcing.announce_versions(NOW)
    mails = Mail.objects.filter(kind=announcing.WITHDRAWN)
    assert mails.count() == letters.count()
    said = build_message(mails.get(person=agent.public_id), NOW)
    assert said is not None and "n’entrera pas en vigueur" in said.text
    assert build_message(mails.get(person=late.public_id), NOW) is None
    row = TermsWithdrawal.objects.get()
    assert row.finished_at == NOW and row.told == letters.count()


def test_not_twice_nor_once_in_force_nor_a_draft_nor_without_a_reason(agent: User) -> None:
    actor = Actor.staff(agent)
    version = published(agent)
    with pytest.raises(Refused):
        flows.withdraw_version(version, reason=" ", actor=actor, now=NOW)
    with pytest.raises(WrongState):
        flows.withdraw_version(version, reason="Trop tard", actor=actor, now=EFFECT)
    draft = TermsVersion.objects.create(slug="brouillon", label="Brouillon", body="<p>x</p>")
    with pytest.raises(WrongState):
        flows.withdraw_version(draft, reason="Brouillon", actor=actor, now=NOW)
    flows.withdraw_version(version, reason="Année fausse", actor=actor, now=NOW)
    with pytest.raises(WrongState):
        flows.withdraw_version(version, reason="Encore", actor=actor, now=NOW)
    with pytest.raises(Refused):
        version.delete()  # it was published: it stays in the archive of the administration


def test_its_day_is_free_again_and_its_page_is_closed(agent: User, client: Client) -> None:
    version = published(agent)
    flows.withdraw_version(version, reason="Texte faux", actor=Actor.staff(agent), now=NOW)
    again = TermsVersion.objects.create(slug="bis", label="Version Bis", body=version.body)
    flows.publish_version(again, effective_at=EFFECT, actor=Actor.staff(agent), now=NOW)
    with time_machine.travel(NOW, tick=False):
        for name in ("terms_version", "terms_difference"):  # the links of the announcement
            gone = client.get(reverse(f"legal:{name}", args=["essai"]), follow=True)
            said = unescape(gone.content.decode())
            assert gone.status_code == 410 and "elle ne s’applique à personne" in said
            assert "<p>Texte.</p>" not in said and reverse("legal:terms") in said
        assert client.get(reverse("legal:terms_version", args=["bis"])).status_code == 200


def test_the_pages_of_the_administration(agent: User) -> None:
    with time_machine.travel(NOW, tick=False):
        client = client_of(agent)
        version = published(agent)
        page = reverse("admin:legal_termsversion_change", args=[version.pk])
        act = reverse("admin:legal_termsversion_withdraw", args=[version.pk])
        assert act in client.get(page).content.decode()
        assert "Dites pourquoi" in unescape(client.post(act, {"reason": ""}).content.decode())
        assert client.post(act, {"reason": "Année fausse"}).status_code == 302
        shown = unescape(client.get(page).content.decode())
        assert "Année fausse" in shown and act not in shown
        listed = client.get(reverse("admin:legal_termsversion_changelist")).content.decode()
        assert "Retirée" in listed


def test_a_day_far_away_is_asked_about(agent: User) -> None:
    with time_machine.travel(NOW, tick=False):
        client = client_of(agent)
        draft = TermsVersion.objects.create(slug="loin", label="Loin", body="<p>Texte.</p>")
        act = reverse("admin:legal_termsversion_publish", args=[draft.pk])
        day = (paris_date(NOW) + timedelta(days=1400)).isoformat()
        page = unescape(client.post(act, {"effective": day}).content.decode())
        assert "vérifiez l’année" in page and 'name="far"' in page
        assert 'name="far"' not in client.get(act).content.decode()
        draft.refresh_from_db()
        assert draft.published_at is None
        assert client.post(act, {"effective": day, "far": "on"}).status_code == 302
        draft.refresh_from_db()
        assert draft.published_at is not None
