"""Versions of the terms: which one binds, who may change one, what an acceptance keeps."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.habilitations.platforms.models import Platform
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms import flows, shipped_terms
from accounts.people.models import User
from mgestion.errors import Refused, WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.legal.conftest import NOW, draft

pytestmark = [pytest.mark.django_db, pytest.mark.both]
SIGN_UP = TermsAcceptance.Where.SIGN_UP
OPCO = Actor.system("tests")


def published(slug: str, days: int) -> TermsVersion:
    """A version in force from `days` after NOW."""
    version = draft(slug)
    moment = NOW + timedelta(days=days)
    return flows.publish_version(version, effective_at=moment, actor=OPCO, now=min(NOW, moment))


@pytest.mark.req("R65", "R67")
def test_the_version_in_force_is_the_last_one_whose_date_came() -> None:
    published("hiver", -30)
    spring = published("printemps", -1)
    published("ete", 20)
    assert flows.get_current_version(NOW) == spring


@pytest.mark.req("D37")
def test_a_version_binds_from_its_very_instant_and_not_before() -> None:
    old, new = published("hiver", -30), published("printemps", 5)
    assert flows.get_current_version(NOW + timedelta(days=5, microseconds=-1)) == old
    assert flows.get_current_version(NOW + timedelta(days=5)) == new


@pytest.mark.req("R65")
def test_a_draft_binds_nobody() -> None:
    draft("brouillon", effective_at=NOW - timedelta(days=1))
    assert flows.get_current_version(NOW) is None


@pytest.mark.req("R68")
@pytest.mark.usefixtures("reference")
def test_the_database_refuses_to_change_a_published_version(subtests: pytest.Subtests) -> None:
    rows = TermsVersion.objects.filter(pk=published("hiver", -30).pk)
    changes: list[dict[str, Any]] = [
        {"body": "<p>autre</p>"},
        {"label": "autre"},
        {"slug": "autre"},
        {"platform": Platform.objects.all()[0]},
        {"effective_at": NOW, "published_at": None},
    ]
    for change in changes:
        with subtests.test(change=change), pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


@pytest.mark.req("R68")
def test_a_published_version_cannot_be_deleted_and_a_draft_can() -> None:
    version, unfinished = published("hiver", -30), draft("brouillon")
    with pytest.raises(Refused):
        version.delete()
    with pytest.raises(Refused):
        TermsVersion.objects.all().delete()
    unfinished.delete()
    assert [row.slug for row in TermsVersion.objects.all()] == ["hiver"]


@pytest.mark.req("R67")
def test_publishing_is_journaled_and_happens_once() -> None:
    version = published("printemps", 5)
    assert Entry.objects.get(act="terms.published").object_id == "printemps"
    with pytest.raises(WrongState):
        flows.publish_version(version, effective_at=NOW + timedelta(days=9), actor=OPCO, now=NOW)
    version.refresh_from_db()
    assert version.effective_at == NOW + timedelta(days=5)


def test_a_version_cannot_take_effect_in_the_past() -> None:
    with pytest.raises(Refused, match="passée"):
        flows.publish_version(
            draft("hiver"), effective_at=NOW - timedelta(seconds=1), actor=OPCO, now=NOW
        )


def test_two_versions_cannot_take_effect_at_the_same_instant() -> None:
    published("printemps", 5)
    with pytest.raises(Refused, match="même moment"):
        published("ete", 5)


def test_a_text_with_a_script_cannot_be_published() -> None:
    version = draft("piege", body='<h2 id="a">A</h2><script>alert(1)</script>')
    with pytest.raises(Refused, match="script"):
        flows.publish_version(version, effective_at=NOW, actor=OPCO, now=NOW)
    version.refresh_from_db()
    assert version.published_at is None


@pytest.mark.req("R65")
def test_an_acceptance_keeps_the_version_and_the_time(person: User) -> None:
    version = published("hiver", -30)
    flows.accept_version(person, version, where=SIGN_UP, actor=Actor.person(person), now=NOW)
    kept = TermsAcceptance.objects.get(user=person)
    assert (kept.version, kept.where, kept.accepted_at) == (version, SIGN_UP, NOW)
    # The proof of the text itself, which the archived page shows too.
    assert kept.digest == hashlib.sha256(version.body.encode()).hexdigest() == version.digest
    entry = Entry.objects.get(act="terms.accepted")
    assert (entry.object_id, entry.person, entry.at) == ("hiver", person.public_id, NOW)


@pytest.mark.req("R65")
def test_accepting_twice_keeps_the_first_time(person: User) -> None:
    version = published("hiver", -30)
    for minutes in (0, 5):
        moment = NOW + timedelta(minutes=minutes)
        flows.accept_version(person, version, where=SIGN_UP, actor=Actor.person(person), now=moment)
    assert TermsAcceptance.objects.get(user=person).accepted_at == NOW
    assert Entry.objects.filter(act="terms.accepted").count() == 1


@pytest.mark.req("D12")
def test_sign_up_and_request_keep_an_acceptance_each(person: User) -> None:
    version = published("hiver", -30)
    for where in (SIGN_UP, TermsAcceptance.Where.REQUEST):
        flows.accept_version(person, version, where=where, actor=Actor.person(person), now=NOW)
    assert TermsAcceptance.objects.filter(user=person).count() == 2


@pytest.mark.req("R65")
@pytest.mark.parametrize("days", [-60, 5])
def test_only_the_version_in_force_can_be_accepted(person: User, days: int) -> None:
    published("hiver", -30)
    other = published("autre", days)
    with pytest.raises(WrongState):
        flows.accept_version(person, other, where=SIGN_UP, actor=Actor.person(person), now=NOW)
    assert not TermsAcceptance.objects.filter(user=person, version=other).exists()


@pytest.mark.req("R70")
def test_the_shipped_terms_load_once_and_are_in_force() -> None:
    first = flows.load_terms(NOW)
    again = flows.load_terms(NOW + timedelta(days=1), True)
    assert (first, again) == (["terms: fevrier-2025 published"], ["terms: fevrier-2025 kept"])
    version = flows.get_current_version(NOW)
    assert version is not None
    assert version.label == "Version Février 2025"
    assert version.demonstration
    assert version.effective_at == shipped_terms.EFFECTIVE


@pytest.mark.req("R70")
def test_loading_the_shipped_terms_leaves_those_of_opco_in_force() -> None:
    own = published("mars-2026", -1)
    flows.load_shipped_terms(NOW)
    assert flows.get_current_version(NOW) == own
