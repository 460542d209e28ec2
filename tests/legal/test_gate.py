"""The gate before the portal, and what changes from one version to the next (D37, R67)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms import difference, flows
from accounts.legal.terms.gate import terms_to_accept
from accounts.people.models import User
from mgestion.errors import Refused
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from tests.legal.conftest import NOW, draft

pytestmark = pytest.mark.django_db
GATE = "/cgu/acceptation/"
EFFECT = NOW + timedelta(days=10)
AFTER = EFFECT + timedelta(hours=1)


def publish(slug: str, at: datetime = EFFECT, **fields: Any) -> TermsVersion:
    return flows.publish_version(
        draft(slug, **fields), effective_at=at, actor=Actor.system("tests"), now=min(NOW, at)
    )


@pytest.fixture
def inside(client: Client, person: User) -> Client:
    """Signed in, an hour after the first version that asks came into force."""
    flows.load_shipped_terms(NOW)
    publish("printemps")
    with time_machine.travel(AFTER, tick=False):
        client.force_login(person)
    return client


def get(client: Client, path: str, at: datetime = AFTER, **more: Any) -> Any:
    with time_machine.travel(at, tick=False):
        return client.get(path, **more)


def post(client: Client, path: str, posted: Any, at: datetime = AFTER) -> Any:
    with time_machine.travel(at, tick=False):
        return client.post(path, posted)


@pytest.mark.req("D37")
def test_nobody_is_asked_before_the_date_nor_by_the_demonstration_text(person: User) -> None:
    flows.load_shipped_terms(NOW)
    publish("printemps")
    assert terms_to_accept(person.pk, NOW).first() is None
    assert terms_to_accept(person.pk, EFFECT - timedelta(microseconds=1)).first() is None
    asked = terms_to_accept(person.pk, EFFECT).first()
    assert asked is not None and asked.slug == "printemps"


@pytest.mark.req("D37")
def test_a_version_that_asks_for_nothing_stops_nobody(person: User) -> None:
    publish("corrections", requires_acceptance=False)
    assert terms_to_accept(person.pk, AFTER).first() is None


@pytest.mark.req("D37")
def test_a_page_leads_to_the_gate_and_the_gate_back_to_it(inside: Client, person: User) -> None:
    answer = get(inside, "/compte/?vue=1")
    assert answer["Location"] == f"{GATE}?next=%2Fcompte%2F%3Fvue%3D1"
    page = get(inside, answer["Location"]).text
    assert 'name="terms"' in page and "checked" not in page
    assert "/cgu/printemps/differences/" in page
    version = TermsVersion.objects.get(slug="printemps")
    done = post(inside, answer["Location"], {"version": version.pk, "terms": "on"})
    assert (done.status_code, done["Location"]) == (303, "/compte/?vue=1")
    proof = TermsAcceptance.objects.get(user=person, version=version)
    assert (proof.where, proof.accepted_at) == ("gate", AFTER)
    assert Entry.objects.get(act="terms.accepted").reason == "gate"
    assert get(inside, "/compte/").status_code == 200


@pytest.mark.req("R63")
def test_the_box_has_to_be_ticked(inside: Client, person: User) -> None:
    version = TermsVersion.objects.get(slug="printemps")
    page = post(inside, GATE, {"version": version.pk}).text
    assert "Cochez la case" in page and "Erreur" in page
    assert not TermsAcceptance.objects.filter(user=person).exists()


@pytest.mark.req("D37")
def test_a_posted_form_is_never_stopped(inside: Client) -> None:
    answer = post(inside, "/compte/mot-de-passe/", {"current": "x"})
    assert answer.status_code == 200  # the form's own answer, with what was typed
    assert "current" in answer.text


@pytest.mark.req("R64", "D37")
def test_public_pages_and_the_ways_out_stay_open(inside: Client) -> None:
    for path in (
        "/cgu/",
        "/cgu/versions/",
        "/cgu/printemps/differences/",
        "/confidentialite/",
        "/aide/",
        "/compte/fermeture/",
        "/healthz",
        "/cas/logout",
    ):
        assert get(inside, path).status_code == 200, path


@pytest.mark.req("D37")
def test_staff_are_asked_like_anybody(inside: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    for path in ("/compte/", "/m-gestion/"):
        assert get(inside, path)["Location"].startswith(GATE)


def test_the_gate_names_the_version_that_came_meanwhile(inside: Client, person: User) -> None:
    old = TermsVersion.objects.get(slug="printemps")
    publish("ete", EFFECT + timedelta(minutes=1))
    page = post(inside, GATE, {"version": old.pk, "terms": "on"}).text
    assert "viennent de changer" in page
    assert "checked" not in page
    new = TermsVersion.objects.get(slug="ete")
    assert f'name="version" value="{new.pk}"' in page
    assert not TermsAcceptance.objects.filter(user=person).exists()


def test_the_gate_leads_nowhere_else(inside: Client, person: User) -> None:
    version = TermsVersion.objects.get(slug="printemps")
    for parameter, aim in (
        *[("next", aim) for aim in ("https://evil.example", "//evil.example", "/\\evil.example")],
        ("service", "https://evil.example"),
    ):
        TermsAcceptance.objects.all().delete()
        path = f"{GATE}?{parameter}={aim}"
        assert "evil" not in get(inside, path)["Content-Security-Policy"]
        done = post(inside, path, {"version": version.pk, "terms": "on"})
        assert done["Location"] == "/m-gestion/", path


def test_the_addresses_of_the_gate_and_the_archive_are_no_version() -> None:
    for slug in ("versions", "acceptation"):
        with pytest.raises(Refused) as refused:
            publish(slug)
        assert refused.value.code == "terms.slug"


# --- the difference -------------------------------------------------------------------------------

OLD = "<h2 id='a'>Article 1</h2><p>Le compte reste ouvert douze mois.</p><p>Ancien alinéa.</p>"
NEW = "<h2 id='a'>Article 1</h2><p>Le compte reste ouvert vingt-quatre mois.</p>"


@pytest.mark.req("R67")
def test_the_difference_is_shown_word_by_word_under_its_heading() -> None:
    reworded, gone = difference.compare_texts(OLD, NEW)
    assert reworded.heading == "Article 1"
    assert [(part.kind, part.text) for part in reworded.parts] == [
        ("same", "Le compte reste ouvert"),
        ("removed", "douze"),
        ("added", "vingt-quatre"),
        ("same", "mois."),
    ]
    assert [(part.kind, part.text) for part in gone.parts] == [("removed", "Ancien alinéa.")]
    assert difference.compare_texts(OLD, OLD) == ()


@pytest.mark.req("R67", "S44")
def test_the_page_says_additions_and_deletions_without_colour_alone(client: Client) -> None:
    publish("hiver", NOW - timedelta(days=30), body=OLD.replace("'", '"'))
    publish("printemps", body=NEW.replace("'", '"'))
    page = client.get("/cgu/printemps/differences/").text
    assert "<ins>" in page and "<del>" in page
    assert "Début de l’ajout" in page and "Début de la suppression" in page
    assert client.get("/cgu/hiver/differences/").status_code == 404  # nothing before it
