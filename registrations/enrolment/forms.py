"""The enrolment form."""

from typing import Any, Final

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.admission import get_default_profile, list_form_profiles
from accounts.habilitations.platforms.mgestion_platforms import (
    MGESTION_COMPANY,
    get_mgestion_platform_code,
)
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department, Profile
from accounts.people.fields import LineField, NameField, PhoneField
from accounts.people.models import User
from mgestion.templatetags.portal import phone_fr
from mgestion.templatetags.portal import siret as siret_display
from mgestion.text import siret
from mgestion.web.widgets import LongSelect
from registrations.enrolment.form_answers import RequestAnswers
from registrations.requests.models import Request

# The five fields of the first block, in order; all of them are mandatory.
MANDATORY_FIELDS: Final = ("last_name", "first_name", "phone", "company_name", "siret")
COMPANY_ONLY_FIELDS: Final = ("branch", "profile")
ACCOUNTING_FIRM_REFUSED: Final = (
    "M-Gestion n’accepte pas les demandes des cabinets comptables\u00a0: aucune demande n’a été "
    "enregistrée. L’entreprise demande elle-même son accès, avec une adresse e-mail nominative."
)


class UndertakingField(forms.BooleanField):
    """A checkbox whose label is the undertaking; lists of errors show `short_label`."""

    def __init__(self, *, short_label: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.short_label = short_label


class RequestForm(forms.Form):
    """The enrolment form. `answers()` returns the answers once it is valid.

    The fields for companies are dropped from the data of other types before validation, so
    that a hidden field never blocks a CFA or a training organisation.
    """

    last_name = NameField(
        label="Nom",
        error_messages={"required": "Indiquez votre nom."},
        autocomplete="family-name",
    )
    first_name = NameField(
        label="Prénom",
        error_messages={"required": "Indiquez votre prénom."},
        autocomplete="given-name",
    )
    phone = PhoneField()
    company_name = LineField(
        label="Raison sociale",
        error_messages={"required": "Indiquez le nom de l’établissement."},
        max_length=160,
        help_text="Le nom de l’entreprise, du CFA ou de l’organisme de formation.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    siret = forms.CharField(
        label="SIRET",
        error_messages={"required": "Indiquez le SIRET de l’établissement."},
        max_length=40,
        help_text="14 chiffres, avec ou sans espaces. Exemple\u00a0: 732 829 320 00074.",
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "class": "w-siret",
                "data-siret": "",
            }
        ),
    )
    kind = forms.ChoiceField(
        label="Type d’établissement",
        choices=[
            choice
            for choice in EstablishmentKind.choices
            if choice[0] != EstablishmentKind.CABINET_RH  # invited, or registered by an agent
        ],
        widget=forms.RadioSelect(),
        error_messages={"required": "Choisissez le type d’établissement."},
    )
    department = forms.ChoiceField(
        label="Département de l’établissement",
        help_text="Il détermine la délégation régionale qui étudie votre demande.",
        error_messages={"required": "Choisissez le département de l’établissement."},
        widget=LongSelect(),
    )
    branch = forms.ChoiceField(
        label="Branche",
        required=False,
        help_text="Entreprise uniquement.",
        widget=LongSelect(attrs={"data-required": "true"}),
    )
    profile = forms.ChoiceField(
        label="Type de profil souhaité",
        required=False,
        help_text="Entreprise uniquement. Il détermine le rôle qui vous sera accordé.",
        widget=LongSelect(attrs={"data-required": "true"}),
    )
    accept_terms = forms.BooleanField(
        label="J’accepte les Conditions Générales d’Utilisation",
        error_messages={"required": "Acceptez les Conditions Générales d’Utilisation."},
    )
    declaration = UndertakingField(
        short_label="Votre déclaration",
        label=(
            "Je déclare disposer des droits, autorisations et pouvoirs nécessaires pour "
            "m’inscrire pour cet établissement, et que les données fournies sont complètes "
            "et exactes"
        ),
        error_messages={"required": "Cette déclaration est nécessaire pour envoyer la demande."},
    )

    def __init__(self, data: Any = None, *, correcting: bool = False, **kwargs: Any) -> None:
        if data is not None and data.get("kind") not in (None, "", EstablishmentKind.ENTREPRISE):
            data = data.copy()
            for name in COMPANY_ONLY_FIELDS:
                data.pop(name, None)
        super().__init__(data, use_required_attribute=False, **kwargs)
        if correcting:
            del self.fields["accept_terms"]  # accepted with the request that is being corrected
        self.fields["department"].choices = [  # type: ignore[attr-defined]
            ("", "Choisir un département"),
            *(
                (code, f"{code} – {name}")
                for code, name in Department.objects.filter(selectable=True)
                .order_by("position")
                .values_list("code", "name")
            ),
        ]
        self.fields["branch"].choices = [  # type: ignore[attr-defined]
            ("", "Choisir une branche"),
            *Branch.objects.filter(selectable=True)
            .order_by("position", "label")
            .values_list("code", "label"),
        ]
        self.fields["profile"].choices = [  # type: ignore[attr-defined]
            ("", "Choisir un profil"),
            *list_form_profiles(MGESTION_COMPANY, EstablishmentKind.ENTREPRISE),
        ]

    @property
    def helper(self) -> FormHelper:
        """The fields in three groups; the template writes the form element around them."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(
            Fieldset(
                "Vous et votre établissement",
                _include_part("form_address"),
                *MANDATORY_FIELDS,
                css_class="form-section",
            ),
            Fieldset(
                "Votre demande",
                "kind",
                _include_part("form_accounting_firm"),
                "department",
                Div(
                    "branch",
                    "profile",
                    _include_part("form_roles"),
                    css_class="form-dependent",
                    data_show_when=f"kind={EstablishmentKind.ENTREPRISE}",
                ),
                css_class="form-section",
            ),
            Fieldset(
                "Vos engagements",
                _include_part("form_terms"),
                *(
                    Field(name, template="components/switch.html")
                    for name in ("accept_terms", "declaration")
                    if name in self.fields
                ),
                css_class="form-section switches",
            ),
        )
        return helper

    def clean_company_name(self) -> str:
        name: str = self.cleaned_data["company_name"]
        if not any(char.isalnum() for char in name):
            raise ValidationError("Indiquez le nom de l’établissement.", "name")
        return name

    def clean_siret(self) -> str:
        try:
            return siret.parse_siret(self.cleaned_data["siret"])
        except siret.InvalidSiret as error:
            raise ValidationError(error.message, error.code) from None

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind == EstablishmentKind.CABINET_COMPTABLE:
            raise ValidationError(ACCOUNTING_FIRM_REFUSED, "accounting_firm")
        return kind

    def clean(self) -> None:
        if self.has_error("kind", "accounting_firm"):
            # The other errors are dropped: the request cannot be made anyway.
            for name in [*self.errors]:
                if name != "kind":
                    del self.errors[name]
        if self.cleaned_data.get("kind") != EstablishmentKind.ENTREPRISE:
            return
        for name, message in (
            ("branch", "Choisissez la branche de votre entreprise."),
            ("profile", "Choisissez le type de profil souhaité."),
        ):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(message, "required"))

    def answers(self) -> RequestAnswers:
        """The answers with their rows; call it after `is_valid`."""
        said = self.cleaned_data
        company = said["kind"] == EstablishmentKind.ENTREPRISE
        platform = Platform.objects.get(code=get_mgestion_platform_code(said["kind"]))
        return RequestAnswers(
            platform=platform,
            last_name=said["last_name"],
            first_name=said["first_name"],
            phone=said["phone"],
            company_name=said["company_name"],
            siret=said["siret"],
            kind=said["kind"],
            department=Department.objects.select_related("delegation").get(code=said["department"]),
            branch=Branch.objects.select_related("dga").get(code=said["branch"])
            if company
            else None,
            profile=Profile.objects.get(code=said["profile"])
            if company
            else get_default_profile(platform, said["kind"]),
        )


def _include_part(name: str) -> HTML:
    """A template included between two fields."""
    return HTML(f"{{% include 'registrations/enrolment/{name}.html' %}}")


def initial_from_account(user: User) -> dict[str, str]:
    """The answers that the account holds already."""
    return {
        "last_name": user.last_name,
        "first_name": user.first_name,
        "phone": phone_fr(user.phone),
    }


def initial_from_request(request: Request) -> dict[str, str]:
    """The answers of a request, to correct it."""
    return {
        "last_name": request.last_name,
        "first_name": request.first_name,
        "phone": phone_fr(request.phone),
        "company_name": request.company_name,
        "siret": siret_display(request.siret),
        "kind": request.kind,
        "department": request.department_id,
        "branch": request.branch.code if request.branch else "",
        "profile": request.profile.code
        if request.profile and request.kind == EstablishmentKind.ENTREPRISE
        else "",
    }
