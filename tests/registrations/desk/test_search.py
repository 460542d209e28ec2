"""A request is found by what callers say first (R44): company, a word, half a reference."""

from urllib.parse import urlencode

import pytest
from django.contrib.admin import site
from django.test import RequestFactory
from django.urls import reverse

from accounts.entry.posted_requests import Kind, post_request
from accounts.entry.recovery.address_flows import move_address
from accounts.entry.sign_up.flows import decide_sign_up
from accounts.habilitations.enums import StaffRole
from accounts.people.models import User
from accounts.profile.account.flows import rectify_identity
from mgestion.journal.actors import Actor
from mgestion.text.search_words import LONGEST, split_words
from registrations.enrolment import amend_flows
from registrations.requests.enums import RequestAct
from registrations.requests.models import Request
from registrations.search.lookups import build_search_condition
from registrations.search.models import RequestWord
from registrations.search.search_words import MOST, list_request_words
from tests.factories.habilitations import NOW, make_staff, make_user
from tests.factories.people import client_of
from tests.factories.registrations import make_answers
from tests.factories.registrations import make_request as submit_request
from tests.registrations.desk.staff_pages import find_listed, make_request
from tests.registrations.desk.test_queue import shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference"), pytest.mark.req("R44")]


@pytest.fixture
def agent() -> User:
    return make_staff(delegations=("IDF",))


def found(text: str) -> set[str]:
    condition = build_search_condition(text)
    rows = Request.objects.none() if condition is None else Request.objects.filter(condition)
    return set(rows.values_list("reference", flat=True))


@pytest.fixture
def row() -> Request:
    user = make_user(email="zoe.delafable@clairiere.example.org")
    make_request(company_name="Transports du Port", last_name="Martin", first_name="Paul")
    return make_request(
        user=user,
        company_name="Garage de la Clairière (fictif)",
        last_name="De la Fable",
        first_name="Zoé",
        siret="99980262200010",
        reference="MG-HZX6-H4XY",
    )


def test_a_request_is_found_by_what_callers_say(agent: User, row: Request) -> None:
    for text in (
        "garage de la clairière",
        "Garage",
        "Clairière",
        "CLAIRIERE",
        "clai gar",
        "zoé",
        "Zoe",
        "fable",
        "De la Fable",
        "fable zoé",
        "zoé clairière",
        "MG-HZX6-H4XY",
        "mg hzx6h4xy",
        "HZX6",
        "h4xy",
        "hzx6-h4xy",
        "MG-HZX6",
        "MG – hzx",
        "zoe.delafable",
        "delafable",
        "zoe.delafable@",
        "zoe.delafable@clairiere.example.org",
        "@clairiere.example.org",
        "FR 999802622",
        "FR999802622",
        "fr 12 999 802 622",
        "FR 999 802 622 00010",
        "999 802 622",
    ):
        assert found(text) == {row.reference}, text
    for text in ("clairvaux", "garage martin", "fr", "%", "_", "' or 1=1", "jean-paul", "mg-zzzz"):
        assert found(text) == set(), text
    assert shown(client_of(agent), "q=zoé clairière") == {row.reference}
    elsewhere = make_staff(delegations=("BRE",))
    assert find_listed(elsewhere, urlencode({"q": "zoé clairière"})) == set()


@pytest.mark.both
def test_a_fragment_inside_a_word_finds_what_no_word_begins_with(row: Request) -> None:
    for text in ("lairi", "ARAG", "elafab", "airière gar", "zx6"):
        assert found(text) == {row.reference}, text
    other = make_request(company_name="Lairière et fils", reference="MG-AAAA-BBBB")
    # Where a word begins with it, nothing else is looked for.
    assert found("lairi") == {other.reference}
    for text in ("zzz", "ai", "l_ir", "l%r"):
        assert found(text) == set(), text


def test_the_words_follow_a_correction() -> None:
    row = submit_request(company_name="Ateliers d’Avant")
    assert _words(row) >= {"ateliers", "avant"}
    answers = make_answers(company_name="Ateliers d’Après", siret=row.siret)
    amend_flows.amend_request(row.pk, row.user, answers, NOW)
    assert row.events.filter(act=RequestAct.AMENDED).exists()
    assert "apres" in _words(row)
    assert "avant" not in _words(row)


def _words(row: Request) -> set[str]:
    return set(RequestWord.objects.filter(request=row).values_list("word", flat=True))


def test_words_are_plain_bounded_and_said_once() -> None:
    assert split_words("L’Étoile, Cœur-Æ S.A.\u00a0!") == ["l", "etoile", "coeur", "ae", "s", "a"]
    words = list_request_words(
        last_name="Garage",
        first_name="x" * 90,
        company_name="garage " + " ".join(f"mot{number}" for number in range(90)),
        reference="MG-HZX6-H4XY",
        email_key="a.b@example.org",
    )
    assert words[:2] == ["hzx6", "h4xy"]
    assert len(words) == len(set(words)) == MOST
    assert max(map(len, words)) == LONGEST


# --- accounts ---


def accounts_found(agent: User, text: str) -> set[str]:
    http = RequestFactory().get(reverse("admin:accounts_user_changelist"), {"q": text})
    http.user = agent
    return {
        user.email for user in site.get_model_admin(User).get_changelist_instance(http).result_list
    }


def test_an_account_is_found_by_a_word_of_its_names_its_address_or_its_company() -> None:
    user = make_user(email="zlc@ailleurs.example.org", last_name="Martin", first_name="Anne")
    make_user(email="autre@ailleurs.example.org", last_name="Durand", first_name="Paul")
    said = {"last_name": "Lefèvre-Cœur", "first_name": "Zoé", "phone": ""}
    rectify_identity(user, said=said, actor=Actor.person(user), now=NOW)
    make_request(user=user, company_name="Garage de la Clairière", last_name="Autrefois")
    national = make_staff(StaffRole.NATIONAL)
    for text in ("LEFÈVRE", "zoé coeur", "zlc", "zlc@ailleurs", "garage clai"):
        assert accounts_found(national, text) == {"zlc@ailleurs.example.org"}, text
    assert accounts_found(national, "martin") == set()
    assert accounts_found(national, "clairvaux") == set()


def test_an_account_is_found_by_its_words_from_its_first_day() -> None:
    """Created by a sign-up or by the command, before anything was asked for."""
    row = post_request(Kind.SIGN_UP, "jeanne.lavigne@clairiere.example.org", now=NOW)
    assert decide_sign_up(row, NOW) == "created"
    User.objects.create_superuser("odile.fontaine@clairiere.example.org")
    national = make_staff(StaffRole.NATIONAL)
    assert accounts_found(national, "lavigne") == {"jeanne.lavigne@clairiere.example.org"}
    assert accounts_found(national, "fontaine") == {"odile.fontaine@clairiere.example.org"}


def test_a_request_follows_the_address_of_its_account(row: Request) -> None:
    move_address(row.user, "zoe.lavigne@port.example.org", actor=Actor.person(row.user), now=NOW)
    for text in ("lavigne", "zoe.lavigne@port.example.org", "@port.example.org"):
        assert found(text) == {row.reference}, text
    for text in ("delafable", "zoe.delafable@clairiere.example.org", "@clairiere.example.org"):
        assert found(text) == set(), text
    row.refresh_from_db()
    assert row.email_key == row.user.email_key
