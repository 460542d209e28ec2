"""A reviewer of one délégation learns nothing of another, whichever page of the desk he opens."""

import html
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from accounts.people.models import User
from registrations.requests.models import Request, RequestEvent
from registrations.requests.review.review_hints import ReviewHint
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of
from tests.registrations.desk.staff_pages import QUEUE, address_of, find_listed, make_request

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference", "clock"),
    pytest.mark.req("S22", "D9"),
]


@pytest.fixture
def client(agent: User) -> Client:
    return client_of(agent)


@pytest.fixture
def foreign() -> Request:
    """An open request of Bretagne, held by a Breton agent, as conspicuous as can be."""
    breton = make_staff(
        delegations=("BRE",), user=make_user(last_name="Breton-Fictif", first_name="Yann")
    )
    person = make_user(
        email="maelle.secrete@ateliers-caches.example.org",
        last_name="Secrète",
        first_name="Maëlle",
    )
    row = make_request(
        user=person,
        delegation="BRE",
        dga="DGA-URBAIN",
        company_name="Ateliers cachés (fictif)",
        phone="+33199007777",
        age=timedelta(hours=60),
        assignee=breton,
    )
    RequestEvent.objects.create(
        request=row, at=NOW, act="noted", by_staff=True, internal_note="Note très secrète"
    )
    return row


def secrets_of(row: Request) -> Iterator[str]:
    yield row.reference
    yield str(row.pk)
    yield row.siret
    yield row.company_name
    yield row.user.email
    yield row.last_name
    yield "Breton-Fictif"
    yield "Note très secrète"
    if row.assignee is not None:
        yield str(row.assignee.public_id)


def nothing_of(row: Request, page: str, *, typed: str = "") -> None:
    """`typed`: what the agent wrote himself, which the page may write back."""
    page = html.unescape(page)
    for secret in secrets_of(row):
        if secret != typed:
            assert secret not in page, secret


QUERIES = [
    "",
    "statut=toutes",
    "statut=submitted",
    "echeance=overdue",
    "delegation=BRE",
    "delegation=miennes",
    "delegation=aucune",
    "dga=DGA-URBAIN",
    "type=entreprise",
    "instructeur=personne",
    "statut=toutes&o=-recue",
    "p=2",
    "p=99999",
    *(f"signal={code.value}" for code in ReviewHint),
]


def test_no_list_shows_it_nor_counts_it(agent: User, client: Client, foreign: Request) -> None:
    for query in ("", "_facets=True&statut=toutes"):
        empty = client.get(f"{QUEUE}?{query}").text
        nothing_of(foreign, empty)
        assert "(1)" not in empty, query  # no figure beside any filter
    for query in QUERIES:
        assert find_listed(agent, query) == set(), query


def test_no_search_finds_it(agent: User, client: Client, foreign: Request) -> None:
    nothing_of(foreign, client.get(QUEUE, {"q": foreign.reference}).text, typed=foreign.reference)
    for text in (
        foreign.siret,
        foreign.siret[:9],
        foreign.user.email,
        "@ateliers-caches.example.org",
        foreign.last_name,
        "01 99 00 77 77",
    ):
        assert find_listed(agent, urlencode({"q": text})) == set(), text


def test_no_export_holds_it(client: Client, foreign: Request) -> None:
    for query in ("statut=toutes", "delegation=BRE", f"q={foreign.reference}"):
        answer = cast(StreamingHttpResponse, client.post(f"{QUEUE}exporter/", {"filters": query}))
        nothing_of(foreign, b"".join(cast("Any", answer.streaming_content)).decode())


def test_no_autocompletion_offers_it(client: Client, foreign: Request) -> None:
    """By what finds such a row where the agent may see it, and by its name."""
    for model, field, words in (
        ("request", "resubmission_of", "MG-"),
        ("request", "user", foreign.user.email),
        ("request", "assignee", "Breton"),
        ("request", "establishment", foreign.siret),
        ("requestevent", "request", "MG-"),
        ("access", "user", foreign.user.email),
        ("access", "establishment", foreign.siret),
    ):
        app = "habilitations" if model == "access" else "registrations"
        for term in (words, "Secrète"):
            answer = client.get(
                reverse("admin:autocomplete"),
                {"app_label": app, "model_name": model, "field_name": field, "term": term},
            )
            nothing_of(foreign, answer.text)


def test_the_evidence_of_his_own_request_says_nothing_of_it(
    client: Client, foreign: Request
) -> None:
    """The same organisation, domain, phone and name elsewhere: not in his « autres demandes »."""
    mine = make_request(
        siret=foreign.siret,
        phone=foreign.phone,
        user=make_user(email="autre.personne@ateliers-caches.example.org"),
    )
    make_access(establishment=make_establishment(siret="99999999900017"), user=foreign.user)
    page = html.unescape(client.get(address_of(mine)).text)
    for secret in (
        foreign.reference,
        str(foreign.pk),
        foreign.company_name,
        foreign.user.email,
        "Note très secrète",
        "Breton-Fictif",
    ):
        assert secret not in page, secret


def test_an_access_of_another_delegation_is_not_told_by_a_request_here(
    client: Client, foreign: Request
) -> None:
    """A SIRET is public and a person may work in two places: neither opens the other place."""
    rennes = make_establishment(siret=foreign.siret, name="Ateliers de Rennes", department_id="35")
    boss = make_user(last_name="Patronne-Fictive")
    make_access(administrator=True, establishment=rennes, user=boss)
    mine = make_request(siret=foreign.siret)
    elsewhere = make_establishment(name="Ateliers secrets de Rennes", department_id="35")
    make_access(establishment=elsewhere, user=mine.user)
    page = html.unescape(client.get(address_of(mine)).text)
    for secret in ("Patronne-Fictive", "Ateliers secrets de Rennes"):
        assert secret not in page, secret
    assert "relèvent d’une autre délégation" in page
    assert "Premier administrateur" not in page  # what he decides on stays true
    seen = html.unescape(client_of(make_staff("national")).get(address_of(mine)).text)
    assert "Patronne-Fictive" in seen and "Ateliers secrets de Rennes" in seen
    assert "relèvent d’une autre délégation" not in seen
