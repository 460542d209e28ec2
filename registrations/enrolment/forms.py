"""The enrolment forms: that of M-Gestion, and that of every other platform."""

from collections.abc import Iterable
from typing import Any, Final

from crispy_forms.layout import Div
from django import forms
from django.core.exceptions import ValidationError

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.admission import get_default_profile
from accounts.habilitations.platforms.mgestion_platforms import (
    MGESTION,
    MGESTION_COMPANY,
    get_mgestion_platform_code,
)
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Profile
from mgestion.web.widgets import LongSelect, PlainChoices
from registrations.enrolment.base_form import (
    EnrolmentForm,
    include_part,
    list_refused_kinds,
)
from registrations.enrolment.form_answers import RequestAnswers
from registrations.requests.models import Request

COMPANY_ONLY_FIELDS: Final = ("branch", "profile")


def build_enrolment_form(platform: Platform, data: Any = None, **said: Any) -> EnrolmentForm:
    """`said`: what `EnrolmentForm` takes."""
    if platform.code in MGESTION:
        return MgestionRequestForm(data, **said)
    return PlatformRequestForm(platform, data, **said)


class MgestionRequestForm(EnrolmentForm):
    """M-Gestion's: five fields, type, département, and for a company its branch and profile."""

    label = "M-Gestion"

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

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        kind, rules = EstablishmentKind.ENTREPRISE, self.admissions
        self.refused_kinds = list_refused_kinds(
            self.label, [EstablishmentKind.CABINET_COMPTABLE], rules
        )
        branches = Branch.objects.filter(selectable=True).order_by("position", "label")
        self.fields["branch"].choices = PlainChoices(  # type: ignore[attr-defined]
            [("", "Choisir une branche"), *branches.values_list("code", "label")]
        )
        profiles = rules.list_form_choices(MGESTION_COMPANY, kind)
        if self.kept is not None and self.kept.kind == kind:
            profiles = _add_current_choice(profiles, self.kept)
        self.fields["profile"].choices = PlainChoices(  # type: ignore[attr-defined]
            [("", "Choisir un profil"), *profiles]
        )
        administrators = rules.list_administrator_profiles(MGESTION_COMPANY, kind)
        self.offer_proof(kind, administrators, select="profile")

    def list_unasked_fields(self, kind: str | None) -> Iterable[str]:
        return () if kind in (None, "", EstablishmentKind.ENTREPRISE) else COMPANY_ONLY_FIELDS

    def list_own_parts(self) -> Iterable[Any]:
        return (
            Div(
                "branch",
                "profile",
                include_part("form_roles"),
                css_class="form-dependent",
                data_show_when=f"kind={EstablishmentKind.ENTREPRISE}",
            ),
        )

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("kind") != EstablishmentKind.ENTREPRISE:
            return
        for name, message in (
            ("branch", "Choisissez la branche de votre entreprise."),
            ("profile", "Choisissez le type de profil souhaité."),
        ):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(message, "required"))

    def answers(self) -> RequestAnswers:
        said, kind = self.cleaned_data, self.cleaned_data["kind"]
        platform = Platform.objects.get(code=get_mgestion_platform_code(kind))
        if kind == EstablishmentKind.ENTREPRISE:
            branch = Branch.objects.select_related("dga").get(code=said["branch"])
            return self.build_answers(platform, Profile.objects.get(code=said["profile"]), branch)
        # A correction keeps what an invitation or a later request asks for.
        if self.kept is not None and self.kept.kind == kind:
            return self.build_answers(platform, self.kept.profile)
        return self.build_answers(platform, get_default_profile(platform, kind))


class PlatformRequestForm(EnrolmentForm):
    """The form of every other platform: types and profiles come from its admission rules (D66).

    A type with one profile is not asked for it; a type with several has a field of its own, so
    that the page is right without JavaScript.
    """

    company_hint = "Le nom de l’établissement."

    def __init__(self, platform: Platform, data: Any = None, **kwargs: Any) -> None:
        self.platform, self.label = platform, platform.name
        super().__init__(data, **kwargs)
        # A Cabinet RH only corrects what an invitation started.
        shown = [
            (kind, label)
            for kind, label in EstablishmentKind.choices
            if kind != EstablishmentKind.CABINET_RH or kind in self.profiles
        ]
        refused = [kind for kind, _ in shown if kind not in self.profiles]
        self.refused_kinds = list_refused_kinds(self.label, refused, self.admissions)
        self.fields["kind"].choices = shown  # type: ignore[attr-defined]
        for kind, name in self._profile_fields().items():
            self.fields[name] = forms.ChoiceField(
                label="Type de profil souhaité",
                required=False,
                help_text=f"{EstablishmentKind(kind).label} uniquement. "
                "Il détermine le rôle qui vous sera accordé.",
                widget=LongSelect(attrs={"data-required": "true"}),
                choices=[
                    ("", "Choisir un profil"),
                    *((profile.code, profile.label) for profile in self.profiles[kind]),
                ],
            )
        for kind in self.profiles:
            administrators = self.admissions.list_administrator_profiles(platform.code, kind)
            self.offer_proof(kind, administrators, select=self._profile_fields().get(kind, ""))

    def read_rules(self) -> None:
        rules, code = self.admissions, self.platform.code
        self.profiles: dict[str, list[Profile]] = rules.list_profiles(code)
        if self.kept is not None and self.kept.profile is not None:
            known = self.profiles.setdefault(self.kept.kind, [])
            if self.kept.profile not in known:  # invited, or the rule has changed since
                known.append(self.kept.profile)
        hr_firm = EstablishmentKind.CABINET_RH
        self.invites_hr_firms = code in rules.inviting and hr_firm not in self.profiles

    def _profile_fields(self) -> dict[str, str]:
        """By type of establishment with several profiles, the name of its field."""
        return {
            kind: get_profile_field(kind)
            for kind, profiles in self.profiles.items()
            if len(profiles) > 1
        }

    def list_unasked_fields(self, kind: str | None) -> Iterable[str]:
        return [name for of, name in self._profile_fields().items() if kind and of != kind]

    def list_own_parts(self) -> Iterable[Any]:
        return [
            Div(
                name,
                include_part("form_roles"),
                css_class="form-dependent",
                data_show_when=f"kind={kind}",
            )
            for kind, name in self._profile_fields().items()
        ]

    def clean(self) -> None:
        super().clean()
        name = self._profile_fields().get(self.cleaned_data.get("kind", ""))
        if name and not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(
                name, ValidationError("Choisissez le type de profil souhaité.", "required")
            )

    def answers(self) -> RequestAnswers:
        kind = self.cleaned_data["kind"]
        code = self.cleaned_data.get(get_profile_field(kind))
        profiles = self.profiles[kind]
        chosen = next((each for each in profiles if each.code == code), profiles[0])
        return self.build_answers(self.platform, chosen)


def get_profile_field(kind: str) -> str:
    """The field of the profiles of a type, on the platforms other than M-Gestion."""
    return f"profile_{kind}"


def _add_current_choice(profiles: list[tuple[str, str]], request: Request) -> list[tuple[str, str]]:
    """`profiles` with that of the request, which an invitation may have given."""
    current = request.profile
    if current is None or any(code == current.code for code, _ in profiles):
        return profiles
    return [*profiles, (current.code, current.label)]
