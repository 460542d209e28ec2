"""What the enrolment forms of all platforms share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.admission import OnlineAdmissions
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department, Profile
from accounts.people.fields import LineField, NameField, PhoneField
from mgestion.text import siret
from mgestion.web.form_layout import FormSection, IncludedTemplate
from mgestion.web.widgets import LongSelect, PlainChoices
from registrations.directory.company_lookup import is_directory_enabled
from registrations.documents.forms import MultipleFileField, describe_accepted_files
from registrations.enrolment.form_answers import RequestAnswers
from registrations.requests.models import Request
from registrations.requests.platform_links import build_form_url

# The five fields of the first block, in order; all of them are mandatory.
MANDATORY_FIELDS: Final = ("last_name", "first_name", "phone", "company_name", "siret")
# A Cabinet RH is invited, or registered by an agent.
SHOWN_KINDS: Final = [
    choice for choice in EstablishmentKind.choices if choice[0] != EstablishmentKind.CABINET_RH
]

FILLED_BY_SIRET: Final = " Vérifier votre SIRET, ci-dessous, l’écrit pour vous."


@dataclass(frozen=True, slots=True)
class RefusedKind:
    """A type that the platform does not take, and the forms where it may ask instead."""

    kind: str
    title: str
    elsewhere: Sequence[tuple[str, str]]  # name, address

    @property
    def advice(self) -> str:
        if self.kind != EstablishmentKind.CABINET_COMPTABLE:
            return ""
        return (
            "L’entreprise cliente demande elle-même son accès, avec une adresse e-mail à son nom."
        )

    @property
    def message(self) -> str:
        names = " ou ".join(name for name, _ in self.elsewhere)
        where = f"Pour ce type d’établissement, demandez un accès à {names}." if names else ""
        said = (f"{self.title}\u00a0: aucune demande n’a été enregistrée.", self.advice, where)
        return " ".join(part for part in said if part)


@dataclass(frozen=True, slots=True)
class ProofOffer:
    """For whom a field of the form takes the proof: `offer_proof`."""

    kind: str
    select: str
    profiles: tuple[str, ...]


class UndertakingField(forms.BooleanField):
    """A checkbox whose label is the undertaking; lists of errors show `short_label`."""

    def __init__(self, *, short_label: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.short_label = short_label


class EnrolmentForm(forms.Form):
    """An enrolment form. `answers()` returns the answers once it is valid.

    A platform's own fields exist for some types only: they are dropped from the data of the other
    types before validation, so that a hidden field blocks nobody.
    """

    # The platform's name, where one form serves several.
    label: str
    company_hint = "Le nom de l’entreprise, du CFA ou de l’organisme de formation."
    refused_kinds: Mapping[str, RefusedKind]
    # After a search of the establishment: an `establishment_search.CompanyChoice`.
    choice: Any = None
    # Whether this platform takes people of a Cabinet RH, by invitation.
    invites_hr_firms: bool = False

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
        choices=SHOWN_KINDS,
        widget=forms.RadioSelect(),
        error_messages={"required": "Choisissez le type d’établissement."},
    )
    department = forms.ChoiceField(
        label="Département de l’établissement",
        help_text="Il détermine la délégation régionale qui étudie votre demande.",
        error_messages={"required": "Choisissez le département de l’établissement."},
        widget=LongSelect(),
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

    def __init__(
        self,
        data: Any = None,
        *,
        files: Any = None,
        admissions: OnlineAdmissions | None = None,
        correcting: Request | None = None,
        invited: Request | None = None,
        **kwargs: Any,
    ) -> None:
        """`correcting`: the open request whose answers are corrected; `invited`: the refused
        request that is sent again with its invitation, and may keep its profile.
        """
        self.admissions = admissions or OnlineAdmissions()
        self.correcting, self.kept = correcting, correcting or invited
        self.read_rules()
        if data is not None:
            data = data.copy()
            for name in self.list_unasked_fields(data.get("kind")):
                data.pop(name, None)
        super().__init__(data, files, use_required_attribute=False, **kwargs)
        self.proofs: dict[str, ProofOffer] = {}
        # The source has the name before the number that may fill it in.
        said = FILLED_BY_SIRET if self.asks_directory else ""
        self.fields["company_name"].help_text = f"{self.company_hint}{said}"
        if correcting is not None:
            del self.fields["accept_terms"]  # accepted with the request that is being corrected
        self.fields["department"].choices = list_department_choices()  # type: ignore[attr-defined]

    def read_rules(self) -> None:
        """Read what the platform admits, before any field is dropped from the data."""

    def offer_proof(self, kind: str, profiles: Sequence[str], select: str = "") -> None:
        """Let whoever asks for one of these `profiles`, of administrators, join the proof that will
        be asked of them (D59). `select`: the field of the profiles; without it the type has one.
        """
        if not profiles or self.correcting is not None:  # then the request's page takes files
            return
        name = f"proof_{kind}"
        self.proofs[name] = ProofOffer(kind, select, tuple(profiles))
        self.fields[name] = MultipleFileField(
            label="Justificatif (facultatif)",
            required=False,
            help_text="Administrateur uniquement. Il vous sera demandé\u00a0: délégation de "
            "pouvoir, attestation de l’employeur, extrait Kbis à votre nom… "
            f"{describe_accepted_files()}",
        )

    def list_proof_parts(self) -> list[Any]:
        return [
            Div(
                name,
                css_class="form-dependent",
                data_show_when=f"{offer.select}={','.join(offer.profiles)}"
                if offer.select
                else f"kind={offer.kind}",
            )
            for name, offer in self.proofs.items()
        ]

    @property
    def proof_files(self) -> list[UploadedFile[bytes]]:
        """The files that were joined, where the answers ask for an administrator's profile."""
        said = self.cleaned_data
        for name, offer in self.proofs.items():
            # Without a field of the type, there is one type.
            if said.get("kind", offer.kind) == offer.kind and (
                not offer.select or said.get(offer.select) in offer.profiles
            ):
                files: list[UploadedFile[bytes]] = said[name]
                return files
        return []

    def ask_files_again(self) -> None:
        """A page that comes back has lost the files that were chosen: say so."""
        for name in self.proofs:
            if self.files.getlist(name):
                self.add_error(name, "Choisissez de nouveau vos fichiers avant d’enregistrer.")

    def list_unasked_fields(self, kind: str | None) -> Iterable[str]:
        """The fields that this type of establishment is not asked for."""
        raise NotImplementedError

    def list_own_parts(self) -> Iterable[Any]:
        """The parts of the layout between the département and the undertakings."""
        raise NotImplementedError

    def answers(self) -> RequestAnswers:
        """The answers with their rows; call it after `is_valid`."""
        raise NotImplementedError

    def build_answers(
        self, platform: Platform, profile: Profile | None, branch: Branch | None = None
    ) -> RequestAnswers:
        said = self.cleaned_data
        departments = Department.objects.select_related("delegation")
        return RequestAnswers(
            platform,
            **{name: said[name] for name in (*MANDATORY_FIELDS, "kind")},
            department=departments.get(code=said["department"]),
            branch=branch,
            profile=profile,
        )

    @property
    def kept_fields(self) -> list[str]:
        """What is given back after a login; the switches and the files are never kept."""
        never = ("accept_terms", "declaration", *self.proofs)
        return [name for name in self.fields if name not in never]

    @property
    def known_department(self) -> str:
        """The code of the département that is chosen on this page, or ""."""
        chosen = str(self["department"].value() or "")
        field = self.fields["department"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        return chosen if field.valid_value(chosen) else ""

    @property
    def asks_directory(self) -> bool:
        return is_directory_enabled()

    @cached_property
    def helper(self) -> FormHelper:
        """The fields in three groups; the template writes the form element around them."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(
            FormSection(
                "Vous et votre établissement",
                include_part("form_address"),
                *MANDATORY_FIELDS,
                include_part("form_directory"),
            ),
            FormSection(
                "Votre demande",
                "kind",
                include_part("form_refused_kinds"),
                "department",
                include_part("form_response_time"),
                *self.list_own_parts(),
                *self.list_proof_parts(),
            ),
            FormSection(
                "Vos engagements",
                include_part("form_terms"),
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
        """Refuse a type that the platform does not take (R41)."""
        kind: str = self.cleaned_data["kind"]
        if kind in self.refused_kinds:
            raise ValidationError(self.refused_kinds[kind].message, "kind_refused")
        return kind

    def clean(self) -> None:
        if self.has_error("kind", "kind_refused"):
            # The other errors are dropped: the request cannot be made anyway.
            for name in [*self.errors]:
                if name != "kind":
                    del self.errors[name]


def list_department_choices() -> PlainChoices:
    rows = Department.objects.filter(selectable=True).order_by("position")
    return PlainChoices(
        [
            ("", "Choisir un département"),
            *((code, f"{code} – {name}") for code, name in rows.values_list("code", "name")),
        ]
    )


def include_part(name: str) -> IncludedTemplate:
    return IncludedTemplate(f"registrations/enrolment/{name}.html")


def list_refused_kinds(
    label: str, kinds: Iterable[str], admissions: OnlineAdmissions
) -> dict[str, RefusedKind]:
    """What the form says of each of `kinds`: who takes them instead."""
    return {
        kind: RefusedKind(
            kind,
            f"{label} n’accepte pas les demandes des {EstablishmentKind(kind).plural}",
            [(one.name, build_form_url(one)) for one in admissions.list_platforms(kind)],
        )
        for kind in kinds
    }
