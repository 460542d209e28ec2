"""Each page of the portal and of the administration leads to the terms, privacy and cookies, and
writes its moments as HTML asks.
"""

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests import permission_table
from tests.factories.factors import with_factor
from tests.test_permissions import BACKEND, addresses, make_world

LINKED = ("terms", "privacy", "cookies", "notices", "accessibility")
# Django's own list of translations for scripts, and what is only a fragment for them.
NO_PAGE = {"admin:jsi18n"}
# Of https://html.spec.whatwg.org/#the-time-element, what pages here write: a day, or a moment with
# three decimals at most and its offset.
DATETIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?")


@pytest.mark.django_db
@pytest.mark.req("R64", "R119", "R128", "S41")
@pytest.mark.parametrize("persona", ["anonymous", "user", "administrator", "national"])
def test_every_page_links_to_the_terms_privacy_and_cookies(
    reference: None, settings: Any, persona: str
) -> None:
    """Every address of the permission matrix that answers this person with a page."""
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    world, routes, client = make_world(), addresses(), Client()
    user = world.people[persona]
    if user is not None:
        client.force_login(user, backend=BACKEND)
        with_factor(client)
    column = permission_table.PERSONAS.index(persona)
    seen, missing, moments = 0, [], 0
    for (address, method), outcomes in sorted(permission_table.rows().items()):
        if method != "GET" or outcomes[column] != "200" or address in NO_PAGE:
            continue
        savepoint = transaction.savepoint()
        response = client.get(world.path(routes[address]))
        transaction.savepoint_rollback(savepoint)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        seen += 1
        page = response.content.decode()
        missing += [
            f"{address}: no link to {name}"
            for name in LINKED
            if f'href="{reverse(f"legal:{name}")}"' not in page
        ]
        for said in re.findall(r'<time datetime="([^"]*)"', page):
            moments += 1
            if not DATETIME.fullmatch(said):
                missing.append(f"{address}: {said} is no moment of HTML")
    assert not missing, "\n".join(missing)
    assert moments
    assert seen > (60 if persona == "national" else 5)
