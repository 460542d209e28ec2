"""What the enrolment forms say of an establishment that the company directory knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.admission import OnlineAdmissions
from accounts.habilitations.platforms.mgestion_platforms import MGESTION, MGESTION_COMPANY
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import BranchProposal
from accounts.habilitations.reference.proposing import (
    choose_proposal,
    find_activity_row,
    load_proposals,
)
from accounts.people.models import User
from mgestion.templatetags.portal import siret as siret_display
from mgestion.web.widgets import LongSelect
from registrations.directory.company_lookup import Company
from registrations.directory.known_answers import find_known_company
from registrations.directory.search_flows import SearchAnswer
from registrations.enrolment.base_form import (
    EnrolmentForm,
    RefusedKind,
    list_department_choices,
    list_refused_kinds,
)
from registrations.enrolment.forms import COMPANY_ONLY_FIELDS
from registrations.promise.response_times import recall_response_time
from registrations.requests.models import Request
from registrations.requests.platform_links import get_request_label

# The buttons that lead from a search back to a form, without sending it.
CHOOSE, REPLACE, BACK = "etablissement", "remplacer", "retour"
_FORMS: Final = ("request_new", "request_for_platform", "request_edit")
# What a form sends and the search page carries; the switches are moved on the form itself.
_CARRIED: Final = (
    *(set(EnrolmentForm.base_fields) - {"accept_terms", "declaration"}),
    *COMPANY_ONLY_FIELDS,
    *(f"profile_{kind}" for kind in EstablishmentKind.values),
    "form_token",
    "terms",
    "person",
)


class EstablishmentSearchForm(forms.Form):
    recherche = forms.CharField(
        label="SIRET, SIREN ou nom de l’établissement",
        required=False,
        help_text="14 chiffres, 9 chiffres, ou le nom avec le département.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    recherche_departement = forms.ChoiceField(
        label="Département",
        required=False,
        help_text="Seulement pour chercher par le nom.",
        widget=LongSelect(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list_department_choices()
        self.fields["recherche_departement"].choices = choices  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form that a search came from."""

    address: str
    platform: Platform

    @property
    def label(self) -> str:
        return get_request_label(self.platform)

    @property
    def is_mgestion(self) -> bool:
        return self.platform.code in MGESTION

    def find_refused_firms(self) -> RefusedKind | None:
        """What is said of an accounting firm, where the platform takes none (R41)."""
        kind = EstablishmentKind.CABINET_COMPTABLE
        admissions = OnlineAdmissions()
        if not self.is_mgestion and kind in admissions.list_profiles(self.platform.code):
            return None
        return list_refused_kinds(self.label, [kind], admissions)[kind]


def find_form_page(address: str, user: User) -> FormPage:
    """The form at `address`, if it is one that this person may fill in; else that of M-Gestion."""
    if url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        try:
            match = resolve(address.split("?")[0])
        except Resolver404:
            match = None
        if match is not None and match.url_name in _FORMS:
            platforms = Platform.objects.filter(enabled=True)
            if match.url_name == "request_new":
                platforms = Platform.objects.filter(code=MGESTION_COMPANY)
            elif match.url_name == "request_for_platform":
                platforms = platforms.filter(code=match.kwargs["code"])
            else:
                own = Request.objects.filter(user=user, reference=match.kwargs["reference"])
                platforms = Platform.objects.filter(pk__in=own.values("platform"))
            found = platforms.first()
            if found is not None:
                return FormPage(address, found)
    own_form = reverse("registrations:request_new")
    return FormPage(own_form, Platform.objects.get(code=MGESTION_COMPANY))


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """One establishment of an answer."""

    company: Company
    activity_label: str
    proposal: BranchProposal | None
    refused: RefusedKind | None  # an accounting firm that the platform does not take
    differs: bool  # from what was typed
    response_time: str  # of its délégation, where no other establishment was found

    @property
    def siren(self) -> str:
        return self.company.siret[:9]

    @property
    def may_be_chosen(self) -> bool:
        return not self.company.is_hidden and self.refused is None


def build_company_rows(
    answer: SearchAnswer, page: FormPage, typed: Mapping[str, str], now: datetime
) -> list[CompanyRow]:
    found = answer.companies
    proposals = load_proposals(
        (company.activity for company in found), (company.conventions for company in found)
    )
    firms = any(company.is_accounting_firm for company in found)
    refused = page.find_refused_firms() if firms else None
    rows = []
    for company in found:
        known = find_activity_row(proposals, company.activity)
        rows.append(
            CompanyRow(
                company=company,
                activity_label=known.label if known else "",
                proposal=_choose_for(company, proposals) if page.is_mgestion else None,
                refused=refused if company.is_accounting_firm else None,
                differs=any(
                    typed.get(name, "").strip() not in ("", value)
                    for name, value in _list_fills(company).items()
                ),
                response_time=recall_response_time(now, company.department)
                if len(found) == 1 and company.department
                else "",
            )
        )
    return rows


def list_carried(posted: QueryDict) -> list[tuple[str, str]]:
    """What was typed in the form, for the hidden fields of the search page."""
    return [(name, posted.get(name, "")) for name in sorted(_CARRIED) if name in posted]


@dataclass(frozen=True, slots=True)
class CompanyChoice:
    """What a form shows after a search: the values, and what is said of them."""

    values: dict[str, str]
    company: Company | None = None
    proposal: BranchProposal | None = None
    kept: bool = False  # something that was typed differs, and stays


def comes_from_search(posted: QueryDict) -> bool:
    return any(name in posted for name in (CHOOSE, REPLACE, BACK))


def read_choice(posted: QueryDict, form: EnrolmentForm, now: datetime) -> CompanyChoice:
    """What was typed, and what the chosen establishment adds: it fills what is empty, and replaces
    only where the person said so. Reads stored answers; asks nobody.
    """
    typed = {name: posted.get(name, "") for name in form.kept_fields if name in posted}
    replace = REPLACE in posted
    number = posted.get(REPLACE) or posted.get(CHOOSE) or ""
    company = find_known_company(number, now) if number else None
    if company is None or company.is_hidden:
        return CompanyChoice(typed)
    fills = _list_fills(company)
    kept = not replace and any(
        typed.get(name, "").strip() not in ("", value) for name, value in fills.items()
    )
    values = typed | {
        name: value for name, value in fills.items() if replace or not typed.get(name, "").strip()
    }
    values["siret"] = siret_display(company.siret)
    proposal = None
    kind = typed.get("kind") or EstablishmentKind.ENTREPRISE
    if "branch" in form.fields and kind == EstablishmentKind.ENTREPRISE:
        proposal = _choose_for(company, load_proposals([company.activity], [company.conventions]))
        if proposal is not None and typed.get("branch", "") in ("", proposal.branch.code):
            values["branch"] = proposal.branch.code
        else:
            proposal = None
    return CompanyChoice(values, company, proposal, kept)


def _list_fills(company: Company) -> dict[str, str]:
    if company.is_hidden:
        return {}
    fills = {"company_name": company.name[:160], "department": company.department}
    return {name: value for name, value in fills.items() if value}


def _choose_for(company: Company, proposals: list[BranchProposal]) -> BranchProposal | None:
    return choose_proposal(proposals, activity=company.activity, conventions=company.conventions)
