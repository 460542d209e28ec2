"""The form of the platforms other than M-Gestion: types and profiles come from the table."""

import itertools
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.habilitations.enums import EstablishmentKind, Role, WayIn
from accounts.habilitations.platforms.models import AdmissionRule, Platform
from accounts.habilitations.reference.models import Profile
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms.flows import load_shipped_terms
from accounts.legal.terms.gate import terms_to_accept
from accounts.people.models import User
from mgestion.errors import Refused
from registrations.enrolment.form_answers import RequestAnswers
from registrations.enrolment.forms import PlatformRequestForm
from registrations.enrolment.submit_flows import submit_request
from registrations.requests.enums import RequestOrigin, RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import make_access, make_establishment, make_staff
from tests.factories.people import client_of
from tests.factories.registrations import make_answers, make_request, make_siret, posted
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")
CAMPUS, CONTRIBUTIONS, GEPP = "m-campus-entreprise", "m-contributions", "m-gepp-solution"


def form_of(code: str) -> str:
    return f"/demandes/{code}/nouvelle/"


def answered(**said: Any) -> dict[str, Any]:
    """What a browser posts to the form of another platform."""
    return posted(**{"branch": None, "profile": None, **said})


@pytest.fixture
def user() -> User:
    return make_newcomer()


@pytest.fixture
def page(user: User) -> Client:
    return client_of(user)


@pytest.mark.req("R1", "R77", "D66")
def test_a_request_carries_the_platform_and_the_role_of_its_rule(page: Client, user: User) -> None:
    for code, kind, profile, role in (
        (CAMPUS, "entreprise", "ENT-ADH", Role.ADHERENT),
        (CONTRIBUTIONS, "entreprise", "ENT-GEST", Role.GESTIONNAIRE),
        (CONTRIBUTIONS, "cabinet_comptable", None, Role.CABINET_COMPTABLE),
        ("m-campus-of", "cfa", None, Role.PARTENAIRE),
        (GEPP, "entreprise", None, Role.ADHERENT),
    ):
        said = answered(kind=kind, **{f"profile_{kind}": profile})
        answer = page.post(form_of(code), said)
        request = Request.objects.get(form_token=said["form_token"])
        assert answer.headers["Location"] == f"/demandes/{request.reference}/"
        assert (request.platform.code, request.kind, request.asked_role) == (code, kind, role)
        assert (request.branch, request.dashboard, request.user) == (None, "", user)
        assert request.delegation is not None


@pytest.mark.req("R57", "D66", "D67")
def test_each_platform_takes_exactly_the_types_and_profiles_of_its_rules(user: User) -> None:
    everything = list(AdmissionRule.objects.select_related("profile"))
    elsewhere = {"ENT-GEST", "OF-PART"}  # a profile of a company, and one of another type
    for code, kind in itertools.product(
        (CAMPUS, CONTRIBUTIONS, "m-campus-of", GEPP), EstablishmentKind.values
    ):
        platform = Platform.objects.get(code=code)
        allowed = {
            rule.profile.code
            for rule in everything
            if (rule.platform_id, rule.kind) == (platform.pk, kind)
            and rule.way_in in (WayIn.FORM, WayIn.DEFAULT)
        }
        for profile in ("", *allowed, *elsewhere):
            form = PlatformRequestForm(
                platform, answered(kind=kind, **{f"profile_{kind}": profile}), initial={}
            )
            fit = profile in allowed if len(allowed) > 1 else bool(allowed)
            assert form.is_valid() == fit, (code, kind, profile, form.errors)
            if fit:
                chosen = form.answers().profile
                assert chosen is not None
                assert chosen.code in allowed


@pytest.mark.req("R41", "D66")
def test_a_type_that_is_not_taken_is_told_at_the_choice_where_it_may_ask(page: Client) -> None:
    html = page.get(form_of(CAMPUS)).text
    notice = html[html.index('data-show-when="kind=cfa"') :]
    assert f'href="{form_of("m-campus-of")}"' in notice[: notice.index('role="alert"')]
    html = page.get("/m-gestion/demande/").text
    notice = html[html.index('data-show-when="kind=cabinet_comptable"') :]
    assert f'href="{form_of(CONTRIBUTIONS)}"' in notice[: notice.index("</fieldset>")]
    html = page.post("/m-gestion/demande/", posted(kind="cabinet_comptable", phone="no")).text
    assert "demandez un accès à M-Contributions" in html
    assert not Request.objects.exists()


@pytest.mark.req("R61")
def test_a_cabinet_rh_is_never_in_the_form(page: Client) -> None:
    for code in (CAMPUS, GEPP):
        html = page.get(form_of(code)).text
        assert 'value="cabinet_rh"' not in html
        assert ("l’Administrateur de votre cabinet vous invite" in html) == (code == GEPP)
        page.post(form_of(code), answered(kind="cabinet_rh", profile_cabinet_rh="RH-CONS"))
        assert not Request.objects.exists()


@pytest.mark.req("S45")
def test_another_type_without_javascript_keeps_what_was_typed(page: Client) -> None:
    sent = answered(kind="entreprise", profile_entreprise="", phone="12", company_name="Garage X")
    html = page.post(form_of(CONTRIBUTIONS), sent).text
    assert "Choisissez le type de profil souhaité." in html
    assert 'value="Garage X"' in html
    assert 'value="12"' in html
    html = page.post(form_of(CONTRIBUTIONS), {**sent, "kind": "of"}).text
    assert "demandez un accès à M-Gestion OF ou M-Campus OF" in html
    assert 'value="Garage X"' in html


def test_a_platform_without_a_form_leads_on(page: Client) -> None:
    tutorat = page.get(form_of("m-tutorat"))
    assert tutorat.status_code == 200
    assert 'href="https://m-tutorat.fr/inscription.php"' in tutorat.text
    AdmissionRule.objects.filter(platform__code=CAMPUS).update(way_in=WayIn.INVITATION)
    assert "ne se demande pas en ligne" in page.post(form_of(CAMPUS), answered()).text
    Platform.objects.filter(code=GEPP).update(enabled=False)
    for code in (GEPP, "inconnue"):
        for path in (form_of(code), f"/services/acces/{code}/"):
            answer = page.get(path)
            assert answer.status_code == 404
            assert "n’est plus ouverte" in answer.text and 'href="/services/"' in answer.text
    assert page.get(form_of("m-gestion-of")).headers["Location"] == "/m-gestion/demande/?branche=of"
    assert not Request.objects.exists()


@pytest.mark.req("D48")
def test_somebody_known_finds_what_is_known_already(page: Client, user: User) -> None:
    place = make_establishment(name="Garage connu", department_id="69", siret=make_siret())
    make_access(user=user, establishment=place)
    html = page.get(form_of(CAMPUS)).text
    assert 'value="Garage connu"' in html
    assert re.search(r'value="entreprise"[^>]* checked', html)
    assert '<option value="69" selected>' in html
    assert 'value="Garage connu"' not in page.get(form_of("m-campus-of")).text
    sent = answered(siret=place.siret, profile_entreprise="ENT-ADH")
    assert page.post(form_of(CAMPUS), sent).status_code == 302
    assert 'value="Garage connu"' not in page.get(form_of(CAMPUS)).text


@pytest.mark.req("D48", "D66")
def test_one_open_request_a_platform_and_a_siret(page: Client, user: User) -> None:
    first = make_request(user, now=timezone.now())
    token, said = str(uuid.uuid4()), {"siret": first.siret, "profile_entreprise": "ENT-ADH"}
    for _ in range(2):
        page.post(form_of(CAMPUS), answered(form_token=token, **said))
    assert [each.platform.code for each in Request.objects.order_by("submitted_at")] == [
        "m-gestion-entreprise",
        CAMPUS,
    ]
    again = page.post(form_of(CAMPUS), answered(**said))
    other = Request.objects.get(platform__code=CAMPUS)
    assert again.headers["Location"] == f"/demandes/{other.reference}/"
    said["profile_entreprise"] = "ENT-GEST"
    assert page.post(form_of(CONTRIBUTIONS), answered(**said)).status_code == 302
    assert Request.objects.count() == 3


def test_what_changed_while_the_form_was_open_is_refused_and_kept(page: Client) -> None:
    forged = page.post(form_of(CAMPUS), answered(profile_entreprise="OF-PART"))
    assert forged.status_code == 200
    AdmissionRule.objects.filter(platform__code=CAMPUS, profile__code="ENT-ADH").delete()
    html = page.post(form_of(CAMPUS), answered(profile_entreprise="ENT-ADH")).text
    assert "profil" in html
    assert not Request.objects.exists()


@pytest.mark.req("R62", "R65", "D68")
def test_the_switch_names_and_accepts_the_conditions_of_the_platform(
    page: Client, user: User
) -> None:
    terms = load_shipped_terms(timezone.now())
    campus = Platform.objects.get(code=CAMPUS)
    conditions = TermsVersion.objects.create(
        platform=campus,
        slug="campus-1",
        label="Version 1",
        body="<p>Texte.</p>",
        published_at=terms.effective_at,
        effective_at=terms.effective_at,
    )
    html = page.get(form_of(CAMPUS)).text
    assert f"d’Utilisation et les conditions spécifiques de {campus.name}" in html
    assert f"/conditions/{CAMPUS}/" in html
    fields = {"kind": "entreprise", "profile_entreprise": "ENT-ADH"}
    old = page.post(form_of(CAMPUS), answered(**fields, terms=terms.slug)).text
    assert "viennent de changer" in old and not Request.objects.exists()
    stamp = f"{terms.slug} {conditions.slug}"
    assert page.post(form_of(CAMPUS), answered(**fields, terms=stamp)).status_code == 302
    kept = TermsAcceptance.objects.filter(user=user, where="request").order_by("pk")
    assert [one.version for one in kept] == [terms, conditions]
    assert not terms_to_accept(user.pk, timezone.now(), campus).exists()  # no gate afterwards


def test_what_is_not_offered_when_the_request_arrives_is_refused(user: User) -> None:
    asked = make_answers(platform=CAMPUS, profile="ENT-ADH")

    def refuse(answers: RequestAnswers) -> None:
        with pytest.raises(Refused) as no:
            submit_request(user=user, answers=answers, form_token=uuid.uuid4(), now=timezone.now())
        assert no.value.code == "not_requestable"
        assert not Request.objects.exists()

    refuse(make_answers(platform=CAMPUS, profile="OF-PART"))  # forged
    Platform.objects.filter(code=CAMPUS).update(enabled=False)
    refuse(asked)
    Platform.objects.filter(code=CAMPUS).update(enabled=True)
    AdmissionRule.objects.filter(profile__code="ENT-ADH").delete()
    refuse(asked)


@pytest.mark.req("D48", "D54")
def test_a_request_is_corrected_in_the_form_of_its_platform(page: Client, user: User) -> None:
    refused = make_request(
        user,
        status=RequestStatus.REFUSED,
        agent=make_staff("national"),
        platform=CAMPUS,
        profile="ENT-ADH",
    )
    away = f"{form_of(CAMPUS)}?suite={refused.reference}"
    assert page.get(f"/m-gestion/demande/?suite={refused.reference}").headers["Location"] == away
    html = page.get(away).text
    assert '<option value="ENT-ADH" selected>' in html
    assert refused.reference in html
    sent = answered(siret=refused.siret, profile_entreprise="ENT-GEST")
    assert page.post(away, sent).status_code == 302
    request = Request.objects.get(status=RequestStatus.SUBMITTED)
    assert request.resubmission_of == refused
    away = f"/demandes/{request.reference}/modifier/"
    assert '<option value="ENT-GEST" selected>' in page.get(away).text
    sent = answered(siret=request.siret, profile_entreprise="ENT-ADMIN", department="69")
    assert page.post(away, sent).status_code == 302
    request.refresh_from_db()
    assert (request.asked_role, request.department_id) == (Role.ADMINISTRATEUR, "69")


@pytest.mark.req("R61", "D54")
@pytest.mark.parametrize(
    ("said", "profile", "role"),
    [
        ({"platform": GEPP, "kind": "cabinet_rh"}, "RH-CONS", Role.CONSULTANT),
        ({"kind": "cfa"}, "OF-ADMIN", Role.ADMINISTRATEUR),
    ],
)
def test_an_invited_request_is_corrected_with_the_profile_of_its_invitation(
    page: Client, user: User, said: dict[str, str], profile: str, role: str
) -> None:
    request = submit_request(
        user=user,
        answers=replace(make_answers(**said), profile=Profile.objects.get(code=profile)),
        form_token=uuid.uuid4(),
        origin=RequestOrigin.INVITATION,
        now=timezone.now(),
    )
    away = f"/demandes/{request.reference}/modifier/"
    assert re.search(rf'value="{said["kind"]}"[^>]* checked', page.get(away).text)
    sent = answered(siret=request.siret, kind=said["kind"], phone="01 99 00 99 99")
    assert page.post(away, sent).status_code == 302
    request.refresh_from_db()
    assert (request.phone, request.asked_role) == ("+33199009999", role)


def test_the_former_address_of_a_request_leads_to_the_new_one(page: Client, user: User) -> None:
    reference = make_request(user).reference
    old = f"/m-gestion/demande/{reference}/"
    assert page.get(f"{old}?a=b").headers["Location"] == f"/demandes/{reference}/?a=b"
    answer = page.post(f"{old}annuler/", follow=True)
    assert answer.status_code == 200
    assert Request.objects.get().status == RequestStatus.CANCELLED


def test_the_page_costs_eight_statements_with_one_request_and_with_many(
    page: Client, user: User
) -> None:
    make_access(user=user, platform=Platform.objects.get(code=CAMPUS))
    make_request(user, platform=CAMPUS, profile="ENT-ADH")
    make_request(user, platform=CONTRIBUTIONS)
    for code in (GEPP, CONTRIBUTIONS):
        page.get(form_of(code))  # the day's stamp is written once, the response time kept a while
    # The session and its person, the terms in force, the admission rules, the last requests and
    # accesses, the documents to accept, and the départements.
    assert cost(page, form_of(GEPP)) == cost(page, form_of(CONTRIBUTIONS)) == 8
