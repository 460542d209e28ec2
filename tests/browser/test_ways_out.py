"""Closing one's account, and the gate of new terms, with and without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms.flows import publish_version
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.journal.actors import Actor
from tests.factories.habilitations import load_reference
from tests.factories.people import ADDRESS, PASSWORD, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[True, False], ids=["javascript", "without"])
def visitor(request: Any, browser: Browser, transactional_db: None) -> Iterator[Page]:
    load_reference()
    context = browser.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", java_script_enabled=request.param
    )
    yield context.new_page()
    context.close()


def _log_in(page: Page, place: str) -> None:
    page.goto(f"{place}/cas/login")
    page.fill("[name=username]", ADDRESS)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


@pytest.mark.req("R79", "D50", "S45")
def test_an_account_is_closed_then_kept_after_all(visitor: Page, live_server: Any) -> None:
    user = person(now=timezone.now())
    _log_in(visitor, live_server.url)
    visitor.goto(f"{live_server.url}/compte/fermeture/")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Fermer mon compte ?")
    visitor.fill("[name=password]", "Pas-Le-Bon-Mot-2026")
    visitor.get_by_role("button", name="Fermer mon compte").click()
    expect(visitor.get_by_role("alert").first).to_be_visible()
    assert visitor.title().startswith("Erreur")
    assert User.objects.get(pk=user.pk).status == Status.ACTIVE
    visitor.fill("[name=password]", PASSWORD)
    visitor.get_by_role("button", name="Fermer mon compte").click()
    visitor.wait_for_load_state()
    assert User.objects.get(pk=user.pk).status == Status.CLOSING
    visitor.goto(f"{live_server.url}/services/")
    expect(visitor.get_by_role("heading", name="Vous avez déjà un compte")).to_be_visible()

    _log_in(visitor, live_server.url)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Votre compte va être fermé")
    visitor.get_by_role("button", name="Garder mon compte").click()
    visitor.wait_for_load_state()
    assert User.objects.get(pk=user.pk).status == Status.ACTIVE


@pytest.mark.req("D37", "R65")
def test_the_gate_asks_then_leads_on(visitor: Page, live_server: Any) -> None:
    now = timezone.now()
    user = person(now=now)
    version = TermsVersion.objects.create(
        slug="ete", label="Version Été", body='<h2 id="a">Article 1</h2><p>Texte.</p>'
    )
    publish_version(
        version, effective_at=now, actor=Actor.system("tests"), now=now - timedelta(seconds=1)
    )
    _log_in(visitor, live_server.url)
    visitor.goto(f"{live_server.url}/compte/")
    expect(visitor.get_by_role("heading", level=1)).to_have_text(
        "Nos conditions d’utilisation ont changé"
    )
    visitor.get_by_role("button", name="Accepter et continuer").click()
    expect(visitor.get_by_role("alert").first).to_be_visible()
    visitor.get_by_label("J’accepte les Conditions Générales d’Utilisation").check()
    visitor.get_by_role("button", name="Accepter et continuer").click()
    visitor.wait_for_url("**/compte/")
    assert TermsAcceptance.objects.filter(user=user, version=version).exists()
