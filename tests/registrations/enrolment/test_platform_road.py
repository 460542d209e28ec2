"""A request for another platform than M-Gestion: its mails, its page, its access, the way in."""

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.enums import Role
from accounts.habilitations.platforms.models import Platform, ServiceRule
from accounts.people.models import User
from mgestion.outbox.catalogue.texts import build_message
from mgestion.outbox.models import Mail
from registrations.desk.acts.decide import approve_request
from registrations.desk.acts.reopen import reopen_request
from registrations.requests.models import Request
from registrations.requests.platform_links import check_service, get_short_label
from registrations.requests.suspension_flows import restore_access, suspend_access
from tests.factories.accounts import NOW, make_newcomer
from tests.factories.habilitations import make_access, make_staff
from tests.factories.registrations import make_request, posted

pytestmark = pytest.mark.usefixtures("reference")
CAMPUS = "m-campus-entreprise"
SERVICE = "https://campus.example.org/cours/7?langue=fr"


@pytest.fixture
def campus() -> Platform:
    platform = Platform.objects.get(code=CAMPUS)
    platform.entry_url = "https://campus.example.org/entree"
    platform.save(update_fields=["entry_url"])
    ServiceRule.objects.create(platform=platform, origin="https://campus.example.org", path="/")
    return platform


def entry_of(service: str) -> str:
    return f"/cas/login?service={quote(service, safe='')}"


def accept(request: Request, agent: User) -> None:
    """As an « Adhérent », at NOW."""
    approve_request(
        request.pk, version=request.version, role=Role.ADHERENT, actor_user=agent, now=NOW
    )


def all_mails() -> str:
    made = [build_message(mail, NOW) for mail in Mail.objects.order_by("pk")]
    return "\n".join(f"{one.subject}\n{one.text}" for one in made if one)


@pytest.mark.req("R8", "R77", "D66")
def test_a_refused_visitor_asks_and_goes_on_where_they_were_going(
    client: Client, campus: Platform
) -> None:
    user = make_newcomer()
    client.force_login(user)
    refused = client.get(f"{entry_of(SERVICE)}", follow=True)
    assert refused.status_code == 403
    form = re.search(r'href="(/demandes/[^"]+)">Demander un accès', refused.text)
    assert form
    sent = posted(branch=None, profile=None, profile_entreprise="ENT-ADH")
    client.post(form[1].replace("&amp;", "&"), sent)
    request = Request.objects.get()
    assert request.service == SERVICE
    approve_request(
        request.pk,
        version=request.version,
        role=Role.ADHERENT,
        actor_user=make_staff("national"),
        now=timezone.now(),
    )
    page = client.get(f"/demandes/{request.reference}/").text
    assert (
        f'href="{entry_of(SERVICE)}">Ouvrir mon espace <span class="nowrap">M-Campus</span>' in page
    )
    assert entry_of(SERVICE) in all_mails()
    ServiceRule.objects.all().delete()  # the address is no longer the platform's
    page = client.get(f"/demandes/{request.reference}/").text
    assert f'href="{entry_of(campus.entry_url)}">' in page


def test_an_address_of_nobody_is_not_kept(client: Client, campus: Platform) -> None:
    for service in ("https://evil.example/", "javascript:alert(1)", "x" * 600):
        assert check_service(campus, service) == ""
    client.force_login(make_newcomer())
    sent = posted(branch=None, profile=None, profile_entreprise="ENT-ADH")
    client.post(f"/demandes/{CAMPUS}/nouvelle/?service={quote('https://evil.example/')}", sent)
    assert Request.objects.get().service == ""


@pytest.mark.req("D66", "R110")
def test_its_mails_and_pages_name_the_platform_and_never_m_gestion(
    client: Client, campus: Platform
) -> None:
    agent, user = make_staff("national"), make_newcomer()
    request = make_request(user, platform=CAMPUS, profile="ENT-ADH")
    client.force_login(user)
    page = client.get(f"/demandes/{request.reference}/").text
    mails = ""
    for act in ("accept", "suspend", "restore", "reopen"):
        request.refresh_from_db()
        if act == "accept":
            accept(request, agent)
        elif act == "suspend":
            suspend_access(request.pk, reason="Sans justificatif.", actor_user=agent, now=NOW)
        elif act == "restore":
            restore_access(request.pk, actor_user=agent, now=NOW)
        else:
            reopen_request(
                request.pk, version=request.version, reason="Erreur.", actor_user=agent, now=NOW
            )
        page += client.get(f"/demandes/{request.reference}/").text
        mails += all_mails()
    assert "Accès à M-Campus Entreprise" in page
    assert "Votre demande d’accès à M-Campus est de nouveau à l’étude" in mails
    assert "demande d’accès à M-Campus Entreprise" in mails
    assert "M-Gestion" not in mails
    own = re.sub(r"<(header|footer).*?</\1>|<head>.*?</head>", "", page, flags=re.S)
    assert "M-Gestion" not in own
    assert not Access.objects.open().exists()


@pytest.mark.req("D49")
def test_an_open_request_or_a_suspended_access_elsewhere_lands_on_its_request(
    client: Client,
) -> None:
    agent, user = make_staff("national"), make_newcomer()
    request = make_request(user, platform=CAMPUS, profile="ENT-ADH")
    client.force_login(user)
    assert client.get("/m-gestion/").headers["Location"] == f"/demandes/{request.reference}/"
    accept(request, agent)
    assert client.get("/m-gestion/").headers["Location"] == "/services/"
    suspend_access(request.pk, reason="Sans justificatif.", actor_user=agent, now=NOW)
    assert client.get("/m-gestion/").headers["Location"] == f"/demandes/{request.reference}/"
    # A published link of M-Gestion asks for M-Gestion.
    away = client.get("/m-gestion/?branche=automobile").headers["Location"]
    assert away == "/m-gestion/demande/?branche=automobile"
    make_access(user=user)
    heading = '<h1><span class="nowrap">M-Gestion</span> Automobile</h1>'
    assert heading in client.get("/m-gestion/").text


def test_a_subject_has_as_much_of_the_name_as_fits() -> None:
    for name, short in (
        ("M-Campus Entreprise", "M-Campus"),
        ("M-GEPP Solution", "M-GEPP Solution"),
        ("Plateformeauxmotstrèslongs", "Plateformeauxmo…"),
    ):
        assert get_short_label(Platform(code="x", name=name)) == short


def test_the_refused_page_of_a_platform_that_signs_up_itself_leads_there(
    client: Client, user: User
) -> None:
    client.force_login(user)
    page = client.get("/services/acces/m-tutorat/")
    assert page.status_code == 403
    assert 'href="https://m-tutorat.fr/inscription.php"' in page.text
