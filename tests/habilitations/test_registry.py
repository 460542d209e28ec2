"""The registry in the administration: platforms, addresses, tokens; and accesses given by staff."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.habilitations.accesses.models import Access, AccessChange
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.enums import StaffRole
from accounts.habilitations.platforms import admin as platforms_admin
from accounts.habilitations.platforms.cas_services import find_rule_faults
from accounts.habilitations.platforms.models import Platform, ServiceRule
from mgestion.journal.models import Entry
from mgestion.text.dates import french_moment
from tests.factories.habilitations import (
    NOW,
    make_access,
    make_establishment,
    make_staff,
    make_user,
)
from tests.factories.people import client_of

pytestmark = pytest.mark.usefixtures("reference", "now")


@pytest.fixture
def national() -> Client:
    return client_of(make_staff(StaffRole.NATIONAL))


def url(model: str, page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:habilitations_{model}_{page}", args=args)


def platform_values(platform: Platform, **changes: Any) -> dict[str, Any]:
    return {
        "name": platform.name,
        "description": platform.description,
        "home_url": platform.home_url,
        "position": platform.position,
        "enabled": "on",
        "listed": "on",
        "single_logout": "on",
        "principal": "id",
        "ticket_seconds": 60,
        "service_rules-TOTAL_FORMS": 0,
        "service_rules-INITIAL_FORMS": 0,
        **changes,
    }


def errors_in(response: Any) -> str:
    return " ".join(re.findall(r'class="errorlist[^>]*>(.*?)</ul>', response.text, re.S))


# --- platforms -----------------------------------------------------------------------------------


@pytest.mark.req("R55", "R83", "D38", "D60")
def test_a_platform_is_described_and_entered_as_the_registry_says_and_the_change_is_journaled(
    national: Client,
) -> None:
    platform = Platform.objects.get(code="m-contributions")
    response = national.post(
        url("platform", "change", platform.pk),
        platform_values(
            platform,
            description="Nouvelle description",
            roles=["gestionnaire", "cabinet_comptable"],
            attributes=["mail", "role"],
            slo_url="https://plateforme.example.org/logout",
            entry_url="https://plateforme.example.org/app/",
            ticket_seconds=30,
            **{
                "service_rules-TOTAL_FORMS": 1,
                "service_rules-0-origin": "https://plateforme.example.org",
                "service_rules-0-path": "/app",
            },
        ),
    )
    assert response.status_code == 302, errors_in(response)
    platform.refresh_from_db()
    assert platform.roles == ["gestionnaire", "cabinet_comptable"]
    assert (platform.attributes, platform.ticket_seconds) == (["mail", "role"], 30)
    assert platform.counts_for_inactivity is False  # the box was not ticked
    assert str(ServiceRule.objects.get(platform=platform)) == "https://plateforme.example.org/app"
    acts = list(Entry.objects.filter(object_type="platform").values_list("act", flat=True))
    assert sorted(acts) == ["reference.changed", "reference.rules_changed"]


@pytest.mark.cas("P1")
def test_a_platform_proxies_by_the_callbacks_of_its_page_one_a_line(national: Client) -> None:
    platform = Platform.objects.get(code="m-contributions")
    assert (platform.may_proxy, platform.proxy_callbacks) == (False, [])  # off by default
    lines = " https://a.example.org/rappel \r\n\r\nhttps://b.example.org/rappel\r\n"
    page = url("platform", "change", platform.pk)
    values = platform_values(platform, may_proxy="on", proxy_callbacks=lines)
    response = national.post(page, values)
    assert response.status_code == 302, errors_in(response)
    platform.refresh_from_db()
    assert platform.may_proxy
    assert platform.proxy_callbacks == [
        "https://a.example.org/rappel",
        "https://b.example.org/rappel",
    ]
    shown = national.get(page).text
    assert "https://a.example.org/rappel\nhttps://b.example.org/rappel</textarea>" in shown
    assert "peut demander en mandataire" in shown.lower()


def test_what_would_open_a_door_is_refused_in_words(national: Client) -> None:
    own, platform = "https://plateforme.example.org", Platform.objects.get(code="m-contributions")
    wrong = {
        "slo_url": "http://plateforme.example.org/logout",
        "entry_url": "https://user@plateforme.example.org/",
        "ticket_seconds": 301,
        "may_proxy": "on",
        "attributes": ["password"],
        "service_rules-TOTAL_FORMS": 1,
        "service_rules-0-origin": own,
        "service_rules-0-path": "/app/.*",
    }
    for changes, said in (
        (
            wrong,
            {
                "slo_url": "https",
                "entry_url": "https",
                "ticket_seconds": "300",
                "proxy_callbacks": "au moins une adresse de rappel",
                "attributes": "password",
            },
        ),
        ({"proxy_callbacks": "http://plateforme.example.org/r"}, {"proxy_callbacks": "https"}),
        ({"proxy_callbacks": f"{own}/r\n{own}/autre?a=b"}, {"proxy_callbacks": "autre?a=b"}),
    ):
        values = platform_values(platform, **changes)
        page = national.post(url("platform", "change", platform.pk), values)
        errors = page.context["adminform"].form.errors
        assert set(errors) == set(said)
        for field, words in said.items():
            assert words in str(errors[field]), field
        assert ("étoile" in errors_in(page)) is (changes is wrong)
    assert not ServiceRule.objects.filter(platform=platform).exists()


def test_a_rule_is_one_exact_origin_and_a_plain_path() -> None:
    for origin, path, faulty in [
        ("https://a.example.org", "/", set()),
        ("self", "/app", set()),
        ("https://A.example.org", "/", {"origin"}),
        ("https://a.example.org:443", "/", {"origin"}),
        ("https://*.example.org", "/", {"origin"}),
        ("http://a.example.org", "/", {"origin"}),
        ("https://a.example.org/", "/", {"origin"}),
        ("https://a.example.org/x", "/", {"origin"}),
        ("a.example.org", "/", {"origin"}),
        ("https://a.example.org", "app", {"path"}),
        ("https://a.example.org", "/a?b", {"path"}),
        ("https://a.example.org", "/a/../b", {"path"}),
    ]:
        assert set(find_rule_faults(origin, path)) == faulty, (origin, path, faulty)


@pytest.mark.req("D60")
def test_the_address_as_principal_comes_with_a_warning(national: Client) -> None:
    platform = Platform.objects.get(code="m-contributions")
    response = national.post(
        url("platform", "change", platform.pk),
        platform_values(platform, principal="email"),
        follow=True,
    )
    assert "peut un jour appartenir à une autre personne" in response.text


@pytest.mark.req("D53")
def test_a_platform_says_when_it_last_told_its_activity(national: Client) -> None:
    platform = Platform.objects.get(code="m-contributions")
    page = url("platform", "change", platform.pk)
    assert re.search(r"Dernière activité transmise.*Jamais", national.get(page).text, re.S)
    Platform.objects.filter(pk=platform.pk).update(activity_pushed_at=NOW)
    assert french_moment(NOW) in national.get(page).text


def test_what_moved_while_a_platform_was_edited_is_not_put_back(
    national: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its feed is numbered on its row: a number taken twice would hide a change for good."""
    platform = Platform.objects.get(code="m-contributions")
    checked = platforms_admin.PlatformForm.full_clean

    def meanwhile(form: platforms_admin.PlatformForm) -> None:
        checked(form)
        Platform.objects.filter(pk=platform.pk).update(change_number=7)

    monkeypatch.setattr(platforms_admin.PlatformForm, "full_clean", meanwhile)
    typed = platform_values(platform, description="Nouvelle description")
    assert national.post(url("platform", "change", platform.pk), typed).status_code == 302
    platform.refresh_from_db()
    assert (platform.description, platform.change_number) == ("Nouvelle description", 7)


def test_an_address_can_be_tried_before_a_platform_does(national: Client) -> None:
    own, platform = "https://plateforme.example.org", Platform.objects.get(code="m-contributions")
    ServiceRule.objects.create(platform=platform, origin=own, path="/app")
    assert "Essayer une adresse" in national.get(url("platform")).text
    for address, said in (
        (f"{own}/app/x?y=1", "entre sur M-Contributions"),
        (f"{own}/autre", "aucun chemin"),
        ("https://inconnue.example.org/", "Aucune plateforme"),
        (f"{own}@evil.example/", "identifiant"),
    ):
        assert said in national.get(url("platform", "test"), {"address": address}).text, address


# --- tokens --------------------------------------------------------------------------------------


def make_token(national: Client, **changes: Any) -> Any:
    platform = Platform.objects.get(code="m-contributions")
    return national.post(
        url("apitoken", "add"),
        {
            "platform": platform.pk,
            "label": "Production",
            "scopes": ["search"],
            "expires_on": "2026-12-31",
            **changes,
        },
    )


@pytest.mark.req("S22")
def test_a_token_is_shown_once_in_the_answer_to_its_form(national: Client) -> None:
    response = make_token(national)
    found = re.search(r"mgp_[A-Za-z0-9_-]{43}", response.text)
    assert found and response.status_code == 200
    token = ApiToken.objects.get()
    assert token.tail == found[0][-6:]
    page = national.get(url("apitoken", "change", token.pk)).text
    assert found[0] not in page
    assert found[0] not in "".join(national.cookies[name].value for name in national.cookies)


def test_a_token_of_more_than_a_year_is_refused_with_a_sentence(national: Client) -> None:
    response: Any = make_token(national, expires_on="2027-12-31")
    assert not ApiToken.objects.exists()
    assert response.status_code == 200  # the form again, with what was typed
    assert "Choisissez un jour à venir, dans l’année." in response.text


def test_a_token_is_revoked_from_its_page(national: Client) -> None:
    make_token(national)
    token = ApiToken.objects.get()
    national.post(url("apitoken", "change", token.pk), {"revoke": "on"})
    token.refresh_from_db()
    assert token.revoked_at == NOW
    assert Entry.objects.filter(act="token.revoked").exists()
    assert national.post(url("apitoken", "change", token.pk), {"revoke": "on"}).status_code == 403


# --- accesses ------------------------------------------------------------------------------------


def grant(client: Client, **changes: Any) -> Any:
    return client.post(
        url("access", "add"),
        {
            "platform": Platform.objects.get(code="m-contributions").pk,
            "kind": "entreprise",
            "role": "gestionnaire",
            "dashboard": "",
            "reason": "Convention signée",
            **changes,
        },
    )


@pytest.mark.req("R56", "R58", "R59")
def test_staff_grants_changes_and_ends_an_access_with_a_reason(national: Client) -> None:
    user, establishment = make_user(), make_establishment()
    siret = establishment.siret
    spaced = f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"
    response = grant(national, email=user.email, number=spaced)
    assert response.status_code == 302, errors_in(response)
    access = Access.objects.get(user=user)
    assert (access.role, access.establishment, access.grant_reason) == (
        "gestionnaire",
        establishment,
        "Convention signée",
    )
    page, given = url("access", "change", access.pk), {"role": "administrateur", "dashboard": ""}
    assert "Dites pourquoi" in errors_in(national.post(page, given))
    national.post(page, {**given, "reason": "Nouvelle fonction"})
    access.refresh_from_db()
    assert access.role == "administrateur"
    national.post(page, {**given, "end": "left"})
    access.refresh_from_db()
    assert access.ended_at == NOW
    assert Entry.objects.get(act="access.ended").reason == "left"
    assert list(AccessChange.objects.order_by("number").values_list("kind", flat=True)) == [
        "granted",
        "changed",
        "ended",
    ]
    assert national.post(page, {"role": "gestionnaire", "dashboard": ""}).status_code == 403


def test_a_grant_says_what_is_wrong(national: Client) -> None:
    roles = ["gestionnaire", "cabinet_comptable"]
    Platform.objects.filter(code="m-contributions").update(roles=roles)
    wrong = {"email": "nobody@garage.example.org", "number": "73282932000074"}
    page = grant(national, **wrong, role="consultant", reason="")
    errors = page.context["adminform"].form.errors
    for field, said in (
        ("email", "Aucun compte actif"),
        ("number", "périmètre"),
        ("role", "ne connaît pas ce rôle"),
        ("reason", "obligatoire"),
    ):
        assert said in str(errors[field]), field
    assert not Access.objects.exists()


@pytest.mark.req("S22", "D9")
def test_a_reviewer_grants_and_ends_within_his_scope_only(national: Client) -> None:
    reviewer = client_of(make_staff(StaffRole.REVIEWER, delegations=("IDF",)))
    mine, theirs = make_establishment(department_id="75"), make_establishment(department_id="69")
    user = make_user()
    assert "périmètre" in errors_in(grant(reviewer, email=user.email, number=theirs.siret))
    assert grant(reviewer, email=user.email, number=mine.siret).status_code == 302
    foreign = make_access(establishment=theirs)
    response = reviewer.post(url("access", "change", foreign.pk), {"end": "left"})
    assert response.status_code == 302  # « n’existe pas »
    foreign.refresh_from_db()
    assert foreign.ended_at is None


@pytest.mark.req("R59")
def test_the_establishment_is_shown_with_its_siret_in_groups(national: Client) -> None:
    access = make_access()
    siret = access.establishment.siret
    shown = national.get(url("access")).text.replace("\u00a0", " ").replace("\u202f", " ")
    assert f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}" in shown
