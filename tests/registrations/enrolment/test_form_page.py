"""The enrolment form, as D1–D4 say, and the same rules without JavaScript."""

import re
import uuid
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department, Profile
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms.flows import load_shipped_terms
from accounts.people.models import User
from mgestion.outbox.models import Mail
from registrations.enrolment.amend_flows import cancel_request
from registrations.enrolment.base_form import MANDATORY_FIELDS
from registrations.enrolment.forms import MgestionRequestForm
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request
from tests.factories.accounts import make_newcomer
from tests.factories.habilitations import make_staff
from tests.factories.people import client_of
from tests.factories.registrations import make_request, posted
from tests.registrations.pages import cost

pytestmark = pytest.mark.usefixtures("reference")
FORM = "/m-gestion/demande/"
TOKEN = str(uuid.uuid4())


@pytest.fixture
def user() -> User:
    return make_newcomer()


@pytest.fixture
def page(user: User) -> Client:
    return client_of(user)


class _Fields(HTMLParser):
    """Labels of each part of the form, and the attributes of each field."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.legend = ""
        self.parts: dict[str, list[tuple[str, bool]]] = {}
        self.fields: dict[str, dict[str, str | None]] = {}
        self._in: list[str] = []
        self._label = ""
        self._starred = False
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "fieldset":
            self._depth += 1
        if tag in ("legend", "label"):
            self._in.append(tag)
            self._label, self._starred = "", False
        if "asteriskField" in (values.get("class") or ""):
            self._starred = True
        if tag in ("input", "select") and values.get("name"):
            self.fields.setdefault(str(values["name"]), values)

    def handle_data(self, data: str) -> None:
        if self._in:
            self._label += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "fieldset":
            self._depth -= 1
        if self._in and tag == self._in[-1]:
            self._in.pop()
            label = self._label.strip().rstrip("*").strip()
            if tag == "legend" and self._depth == 1:
                self.legend = label
                self.parts[label] = []
            elif self.legend:
                self.parts[self.legend].append((label, self._starred))


@pytest.mark.req("R29", "R30", "D1")
def test_the_block_has_five_mandatory_fields_in_their_order_and_the_accounts_address(
    page: Client, user: User
) -> None:
    html = page.get(FORM).text
    drawn = _Fields(html)
    block = drawn.parts["Vous et votre établissement"]
    assert [label for label, starred in block if starred] == [
        *("Nom", "Prénom", "Téléphone", "Raison sociale", "SIRET")
    ]
    assert len(MANDATORY_FIELDS) == 5
    form = MgestionRequestForm()
    assert all(form.fields[name].required for name in MANDATORY_FIELDS)
    field = re.search(r"<textarea[^>]*id=\"id_email\"[^>]*>[^<]*", html)
    assert field
    assert field.group().endswith(f">{user.email}")
    assert "readonly" in field.group()
    assert "name=" not in field.group()
    page.post(FORM, posted(email="pirate@example.org"))
    assert Request.objects.get().email_key == user.email_key
    user.refresh_from_db()
    assert user.email != "pirate@example.org"


@pytest.mark.req("R31", "R33", "R34", "R35", "R37", "R40", "R41")
@pytest.mark.req("D4", "D5", "D8", "D44", "S44", "S55")
def test_the_choices_are_all_there_and_nothing_is_chosen(page: Client) -> None:
    html = page.get(FORM).text
    kinds = re.findall(r'name="kind" value="(\w+)"', html)
    assert kinds == ["entreprise", "cfa", "of", "cabinet_comptable"]
    assert re.search(r"<fieldset[^>]*>\s*<legend[^>]*>Type d’établissement", html)
    assert " checked" not in html
    # Without JavaScript the refusal of an accounting firm stands beside the choice; with it, the
    # script shows it once the choice is made (browser tests).
    kind, department = html.index('value="cabinet_comptable"'), html.index('name="department"')
    notice = html.index("M-Gestion n’accepte pas les demandes des cabinets comptables")
    assert kind < notice < department
    assert '<div role="alert">' in html[kind:notice]
    # So do the fields of a company.
    before, part = html.split('data-show-when="kind=entreprise"')
    assert "hidden" not in before.rsplit("<", 1)[1]
    assert part.split("</fieldset>")[0].count("Entreprise uniquement.") == 2

    def offered(name: str) -> list[str]:
        select = html.split(f'name="{name}"')[1].split("</select>")[0]
        return re.findall(r'<option value="([\w-]+)"', select)

    codes = offered("department")
    assert codes[:2] == ["01", "02"]
    assert codes[codes.index("19") + 1 : codes.index("19") + 4] == ["2A", "2B", "21"]
    assert codes.index("95") < codes.index("971")
    selectable = Department.objects.filter(selectable=True)
    assert set(codes) == set(selectable.values_list("code", flat=True))
    assert set(offered("branch")) == set(Branch.objects.values_list("code", flat=True))
    assert set(offered("profile")) == {"ENT-ADMIN", "ENT-GEST"}
    assert Profile.objects.count() > 2
    assert re.search(r"<button[^>]*type=\"submit\"[^>]*>Enregistrer</button>", html)
    assert 'autocomplete="off"' not in html, "the browser forgets nothing that was typed"
    fields = _Fields(html).fields
    for name, token in (
        ("last_name", "family-name"),
        ("first_name", "given-name"),
        ("phone", "tel"),
        ("company_name", "organization"),
    ):
        assert fields[name]["autocomplete"] == token


@pytest.mark.req("R32", "D2", "R63", "R108", "R112", "S32", "R118", "S60")
def test_two_switches_are_off_and_both_needed_and_the_page_says_what_the_data_is_for(
    page: Client,
) -> None:
    html = page.get(FORM).text
    switches = re.findall(r'<input type="checkbox" class="switch__input"[^>]*>', html)
    assert len(switches) == 2
    assert not any("checked" in switch for switch in switches)
    for words in (
        ">J’accepte les Conditions Générales d’Utilisation<",
        "droits, autorisations et pouvoirs",
        "complètes et exactes",
        "responsable du traitement",
        "étudier votre demande",
        "mission d’intérêt public",
        "astérisque sont obligatoires",
        "destinataires",
        "aussi longtemps que le compte",
        "dpo@opcomobilites.fr",
        "CNIL",
        "accord de prise en charge",
    ):
        assert words in html
    for name in ("accept_terms", "declaration"):
        html = page.post(FORM, posted(**{name: None})).text
        assert not Request.objects.exists()
    summary = html.split("data-error-summary")[1].split("</ul>")[0]
    assert "Votre déclaration – " in summary and "Je déclare" not in summary


@pytest.mark.req("R39", "D3")
def test_a_company_must_choose_its_branch_and_profile(page: Client) -> None:
    for name in ("branch", "profile"):
        html = page.post(FORM, posted(**{name: ""})).text
        assert f'id="id_{name}"' in html
        assert "Votre saisie comporte une erreur" in html
    assert not Request.objects.exists()


@pytest.mark.req("R39", "R40", "D3")
def test_what_only_a_company_says_is_ignored_for_another_type(page: Client) -> None:
    html = page.post(FORM, posted(kind="cfa", branch="automobile", siret="")).text
    assert "Votre saisie comporte une erreur" in html
    assert not re.search(r'<option value="automobile" selected', html)
    for kind, branch in (("cfa", "automobile"), ("of", "inconnue")):
        page.post(FORM, posted(kind=kind, branch=branch, profile="ENT-ADMIN"))
        request = Request.objects.get(kind=kind)
        assert request.branch is None
        assert request.profile is not None
        assert request.profile.code == "OF-GEST"


@pytest.mark.req("R41", "D14", "D4")
def test_an_accounting_firm_is_refused_at_once_and_nothing_is_written(page: Client) -> None:
    answer = page.post(
        FORM, posted(kind="cabinet_comptable", branch="", profile="", siret="", department="")
    )
    assert "Votre saisie comporte une erreur" in answer.text  # nothing else is worth mending
    assert "n’accepte pas les demandes des cabinets comptables" in answer.text
    assert not Request.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.req("S45", "S42")
def test_errors_are_said_in_words_tied_to_their_field_and_the_title_says_so(page: Client) -> None:
    sent = posted(last_name="Fïctif", siret="732829320", phone="3949", form_token=TOKEN)
    html = page.post(FORM, sent).text
    assert re.search(r"<title>Erreur\s*:|<title>Erreur&nbsp;:", html)
    assert "ajoutez les 5 chiffres" in html
    assert "saisi 4" in html
    field = re.search(r"<input[^>]*id=\"id_siret\"[^>]*>", html)
    assert field
    assert 'aria-invalid="true"' in field.group()
    assert "aria-describedby" in field.group()
    assert 'href="#id_siret"' in html
    assert 'value="Fïctif"' in html and 'value="3949"' in html
    assert _Fields(html).fields["form_token"]["value"] == TOKEN
    assert re.search(r'<option value="75" selected', html)
    assert re.search(r'value="entreprise"[^>]*checked', html)


@pytest.mark.req("R42", "R48", "S48", "S52", "D43", "D55")
def test_enregistrer_leads_once_to_the_confirmation_window(page: Client) -> None:
    fields = posted(siret="732 829 320 00074", phone="0800 12 34 56")
    answer = page.post(FORM, fields, follow=True)
    request = Request.objects.get()
    assert (request.siret, request.phone) == ("73282932000074", "+33800123456")
    assert answer.redirect_chain == [(f"/demandes/{request.reference}/", 302)]
    assert "<dialog" in answer.text and request.reference in answer.text
    assert "commence par 08" in answer.text
    again = page.post(FORM, fields)  # a double click
    assert again.headers["Location"] == f"/demandes/{request.reference}/"
    answer = page.post(FORM, posted(siret=request.siret), follow=True)  # in another tab
    assert "Vous avez déjà une demande en cours" in answer.text
    assert request.reference in answer.text
    assert Request.objects.count() == 1
    assert Mail.objects.count() == 2


@pytest.mark.req("R62", "R65", "D12", "D37", "D68")
def test_the_first_switch_accepts_the_terms_and_the_conditions_that_the_page_showed(
    page: Client, user: User
) -> None:
    terms = load_shipped_terms(timezone.now())
    assert _Fields(page.get(FORM).text).fields["terms"]["value"] == terms.slug
    conditions = TermsVersion.objects.create(
        platform=Platform.objects.get(code="m-gestion-entreprise"),
        slug="mg-1",
        label="Version 1",
        body="<p>Texte.</p>",
        published_at=terms.effective_at,
        effective_at=terms.effective_at,
    )
    # They changed since the page was opened: they must be read again.
    assert "viennent de changer" in page.post(FORM, posted(terms=terms.slug)).text
    assert not Request.objects.exists()
    html = page.get(FORM).text
    assert "/conditions/m-gestion-entreprise/" in html
    stamp = _Fields(html).fields["terms"]["value"]
    assert page.post(FORM, posted(terms=stamp, form_token="non")).status_code == 302
    kept = TermsAcceptance.objects.filter(user=user, where="request").order_by("pk")
    assert [one.version for one in kept] == [terms, conditions]


@pytest.mark.req("D47")
def test_the_context_of_a_published_link_is_chosen_in_advance(page: Client) -> None:
    for branche, kinds, branches in (
        ("automobile", ["entreprise"], ["automobile"]),
        ("urbain", ["entreprise"], ["urbain"]),
        ("transport", ["entreprise"], []),
        ("of", ["of"], []),
        ("inconnue", [], []),
    ):
        html = page.get(f"{FORM}?branche={branche}").text
        assert re.findall(r'name="kind" value="(\w+)"[^>]*checked', html) == kinds, branche
        select = html.split('name="branch"')[1].split("</select>")[0]
        assert re.findall(r'<option value="([\w-]+)" selected', select) == branches, branche


@pytest.mark.req("D11", "D54")
def test_a_refused_request_is_corrected_in_a_form_filled_with_its_answers(
    page: Client, user: User
) -> None:
    agent = make_staff("national")
    refused = make_request(
        user, status=RequestStatus.REFUSED, agent=agent, company_name="Garage à corriger"
    )
    address = f"{FORM}?suite={refused.reference}"
    blank, html = page.get(FORM).text, page.get(address).text
    assert f"?suite={refused.reference}" in blank
    assert f"{refused.reference} a été refusée" in blank
    assert "Garage à corriger" in html
    assert "Le SIRET ne correspond pas." in html
    tokens = {_Fields(each).fields["form_token"]["value"] for each in (blank, html)}
    assert len(tokens) == 2, "each new form has its own"
    page.post(address, posted())
    assert Request.objects.get(resubmission_of=refused).is_open
    final = make_request(
        user, status=RequestStatus.REFUSED, agent=agent, reason="cabinet-comptable"
    )
    assert page.get(f"{FORM}?suite={final.reference}").status_code == 302


@pytest.mark.req("S14")
def test_the_answers_of_somebody_else_are_not_to_be_had(page: Client) -> None:
    other = make_request(status=RequestStatus.REFUSED, agent=make_staff("national"))
    assert page.get(f"{FORM}?suite={other.reference}").status_code == 404
    assert page.get(f"/demandes/{other.reference}/modifier/").status_code == 404


@pytest.mark.req("D54", "S45")
def test_an_open_request_is_corrected_on_its_own_page(page: Client, user: User) -> None:
    request = make_request(user, now=timezone.now())
    address = f"/demandes/{request.reference}/modifier/"
    html = page.get(address).text
    assert "form_token" not in html
    assert "accept_terms" not in html
    fields = posted(siret=request.siret, company_name="Garage corrigé", accept_terms=None)
    answer = page.post(address, fields, follow=True)
    assert "Votre demande est corrigée" in answer.text
    request.refresh_from_db()
    assert request.company_name == "Garage corrigé"
    cancel_request(request.pk, user, timezone.now())
    assert "déjà annulée" in page.post(address, posted(), follow=True).text


def test_the_page_costs_the_same_with_one_request_and_with_many(page: Client, user: User) -> None:
    page.get(FORM)  # the day's stamp is written once
    make_request(user)
    cost(page, FORM)
    few = cost(page, FORM)
    for _ in range(2):
        make_request(user)
    # The session and its person, the terms in force, the two lists, the admission
    # rules, and the last requests.
    assert cost(page, FORM) == few <= 8


@pytest.mark.req("S14")
def test_nobody_asks_without_an_account(client: Client) -> None:
    for answer in (client.get(FORM), client.post(FORM, posted())):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/cas/login")


@pytest.mark.req("D55")
def test_two_people_each_find_their_own_answers(user: User) -> None:
    """The parts that a process keeps hold neither what was typed nor whose page it is."""
    other = make_newcomer()
    User.objects.filter(pk=user.pk).update(last_name="Alibert", phone="+33199001234")
    User.objects.filter(pk=other.pk).update(last_name="Zimmer")
    seen = [client_of(who).get(FORM).text for who in (user, other, user)]
    for text, mine, another in zip(
        seen, ("Alibert", "Zimmer", "Alibert"), (other, user, other), strict=True
    ):
        assert f'value="{mine}"' in text and another.email not in text
        assert ('value="01\u00a099\u00a000\u00a012\u00a034"' in text) == (mine == "Alibert")
    tokens = [set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text)) for text in seen]
    assert not tokens[0] & tokens[1] and not tokens[0] & tokens[2]
