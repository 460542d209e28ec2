"""What the terms promise of an account, as the portal keeps it."""

import html
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.models import Access
from accounts.people.models import User
from mgestion.journal.models import Detail, Entry
from mgestion.outbox.models import Mail
from tests.factories.people import (
    ADDRESS,
    PASSWORD,
    letters,
    log_in,
    pending,
    person,
    settle,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "terms")]


@pytest.mark.req("R75")
def test_an_account_without_any_access_has_its_own_space(user: User, owner: Client) -> None:
    assert not Access.objects.filter(user=user).exists()
    space = owner.get("/compte/")
    assert space.status_code == 200
    assert ADDRESS in space.text


@pytest.mark.req("R76")
def test_an_address_has_one_account_however_it_is_spelled(client: Client) -> None:
    user = person()
    for spelling in (ADDRESS, ADDRESS.upper(), f" {ADDRESS} "):
        client.post("/inscription/", {"email": spelling, "email2": spelling})
        settle()
        assert list(User.objects.all()) == [user], spelling
        with pytest.raises(IntegrityError), transaction.atomic():
            pending(spelling)


@pytest.mark.req("R104", "D29", "S25")
def test_no_row_mail_or_page_holds_the_password_that_was_chosen(
    client: Client, mailed_link: str, accepted: dict[str, str]
) -> None:
    answer = client.post(mailed_link, accepted, follow=True)
    assert PASSWORD not in answer.text
    assert log_in(client).status_code == 303
    user = User.objects.get()
    assert user.check_password(PASSWORD)
    acts = set(Entry.objects.values_list("act", flat=True))
    assert {"account.created", "account.activated", "password.created", "terms.accepted"} <= acts
    # …and the journal names no address.
    lines = [*Entry.objects.values(), *Detail.objects.values()]
    assert not [line for line in lines if "jeanne" in str(line).lower()]
    rows = [user, *Mail.objects.all(), *Entry.objects.all(), *Detail.objects.all()]
    held = [str(value) for row in rows for value in vars(row).values()]
    held += [message.text + message.html for message in letters()]
    assert not [value for value in held if PASSWORD in value]


@pytest.mark.req("R107")
def test_what_is_done_under_an_account_is_journaled_as_its_owners(client: Client) -> None:
    user = person()
    log_in(client, password="Mauvais-Mot-2026")
    assert Entry.objects.filter(act="login.refused").exists()
    sign_in(client)
    client.post("/cas/logout")
    done = Entry.objects.filter(actor_kind="person", actor=str(user.public_id)).values_list(
        "act", "person"
    )
    assert ("login.succeeded", user.public_id) in done


@pytest.mark.req("R131")
def test_a_link_that_leaves_the_portal_is_marked(client: Client, project_root: Any) -> None:
    for name in ("terms", "cookies"):
        page = client.get(reverse(f"legal:{name}")).text
        outside = re.findall(r"<a ([^>]*href=\"https?://[^>]*)>", page)
        assert outside, name
        for attributes in outside:
            assert re.search(r'rel="[^"]*\bexternal\b', attributes), attributes
    style = (project_root / "static/css/components.css").read_text(encoding="utf-8")
    assert re.search(r'a\[rel~="external"\]::after \{ content: [^}]*\(site externe\)', style)


@pytest.mark.req("R114", "R132")
def test_the_page_of_the_terms_in_force_holds_the_clauses(client: Client) -> None:
    """As served. The text is a demonstration: OPCO's own replaces it from the administration."""
    page = client.get(reverse("legal:terms")).text
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    text = re.sub(r"[\s\u00a0\u202f]+", " ", html.unescape(re.sub(r"<[^>]+>", "", main)))
    for req, words in (
        ("R114", "article 1218 du code civil"),
        ("R114", "la perte, du vol ou de la divulgation"),
        ("R132", "prive d’effet une clause"),
        ("R132", "Ne pas relever un manquement"),
        ("R132", "Le droit français s’applique"),
        ("R132", "le Tribunal judiciaire du ressort du siège d’OPCO Mobilités"),
    ):
        assert words in text, req
