"""The enrolment forms: that of M-Gestion, and that of every other platform."""

from collections.abc import Iterable
from typing import Any, Final

from crispy_forms.layout import Div
from django import forms
from django.core.exceptions import ValidationError

from accounts.habilitations.enums import EstablishmentKind
from accounts.habilitations.platforms.admission import (
    OnlineAdmissions,
    get_default_profile,
)
from accounts.habilitations.platforms.mgestion_platforms import (
    MGESTION,
    MGESTION_COMPANY,
    get_mgestion_platform_code,
)
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Branch, Department, Profile
from mgestion.web.widgets import LongSelect, PlainChoices
from registrations.enrolment.base_form import (
    EnrolmentForm,
    include_part,
    list_refused_kinds,
)
from registrations.enrolment.form_answers import RequestAnswers
from registrations.requests.models import Request

COMPANY_ONLY_FIELDS: Final = ("branch", "profile")


def build_enrolment_form(
    platform: Platform,
    data: Any = None,
    *,
    admissions: OnlineAdmissions | None = None,
    correcting: Request | None = None,
    invited: Request | None = None,
    initial: dict[str, str] | None = None,
    files: Any = None,
) -> EnrolmentForm:
    """`correcting`: the open request whose answers are corrected; `invited`: the refused request
    that is sent again with its invitation, and may keep its profile.
    """
    said: dict[str, Any] = {
        "admissions": admissions,
        "correcting": correcting,
        "invited": invited,
        "initial": initial,
        "files": files,
    }
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

    def __init__(
        self,
        data: Any = None,
        *,
        admissions: OnlineAdmissions | None = None,
        correcting: Request | None = None,
        invited: Request | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, correcting=correcting, **kwargs)
        self.kept = correcting or invited
        known = admissions or OnlineAdmissions()
        self.refused_kinds = list_refused_kinds(
            self.label, [EstablishmentKind.CABINET_COMPTABLE], known
        )
        branches = Branch.objects.filter(selectable=True).order_by("position", "label")
        self.fields["branch"].choices = PlainChoices(  # type: ignore[attr-defined]
            [("", "Choisir une branche"), *branches.values_list("code", "label")]
        )
        profiles = known.list_form_choices(MGESTION_COMPANY, EstablishmentKind.ENTREPRISE)
        if self.kept is not None and self.kept.kind == EstablishmentKind.ENTREPRISE:
            profiles = _add_current_choice(profiles, self.kept)
        self.fields["profile"].choices = PlainChoices(  # type: ignore[attr-defined]
            [("", "Choisir un profil"), *profiles]
        )
        kind = EstablishmentKind.ENTREPRISE
        administrators = known.list_administrator_profiles(MGESTION_COMPANY, kind)
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
            else self._get_training_profile(platform, said["kind"]),
        )

    def _get_training_profile(self, platform: Platform, kind: str) -> Profile | None:
        """The default one; a correction keeps what an invitation or a later request asks for."""
        if self.kept is not None and self.kept.kind == kind:
            return self.kept.profile
        return get_default_profile(platform, kind)


class PlatformRequestForm(EnrolmentForm):
    """The form of every other platform: types and profiles come from its admission rules (D66).

    A type with one profile is not asked for it; a type with several has a field of its own, so
    that the page is right without JavaScript.
    """

    company_hint = "Le nom de l’établissement."

    def __init__(
        self,
        platform: Platform,
        data: Any = None,
        *,
        admissions: OnlineAdmissions | None = None,
        correcting: Request | None = None,
        invited: Request | None = None,
        **kwargs: Any,
    ) -> None:
        self.platform, self.label = platform, platform.name
        known_rules = admissions or OnlineAdmissions()
        self.profiles: dict[str, list[Profile]] = known_rules.list_profiles(platform.code)
        kept = correcting or invited
        if kept is not None and kept.profile is not None:
            known = self.profiles.setdefault(kept.kind, [])
            if kept.profile not in known:  # invited, or the rule has changed since
                known.append(kept.profile)
        self.invites_hr_firms = (
            platform.code in known_rules.inviting
            and EstablishmentKind.CABINET_RH not in self.profiles
        )
        super().__init__(data, correcting=correcting, **kwargs)
        self.refused_kinds = list_refused_kinds(
            self.label,
            [kind for kind, _ in self._shown_kinds() if kind not in self.profiles],
            known_rules,
        )
        self.fields["kind"].choices = self._shown_kinds()  # type: ignore[attr-defined]
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
            administrators = known_rules.list_administrator_profiles(platform.code, kind)
            self.offer_proof(kind, administrators, select=self._profile_fields().get(kind, ""))

    def _shown_kinds(self) -> list[tuple[str, str]]:
        """The types of the choice; a Cabinet RH only corrects what an invitation started."""
        return [
            (kind, label)
            for kind, label in EstablishmentKind.choices
            if kind != EstablishmentKind.CABINET_RH or kind in self.profiles
        ]

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
        said = self.cleaned_data
        kind = said["kind"]
        code = said.get(get_profile_field(kind))
        profiles = self.profiles[kind]
        return RequestAnswers(
            platform=self.platform,
            last_name=said["last_name"],
            first_name=said["first_name"],
            phone=said["phone"],
            company_name=said["company_name"],
            siret=said["siret"],
            kind=kind,
            department=Department.objects.select_related("delegation").get(code=said["department"]),
            profile=next((each for each in profiles if each.code == code), profiles[0]),
        )


def get_profile_field(kind: str) -> str:
    """The field of the profiles of a type, on the platforms other than M-Gestion."""
    return f"profile_{kind}"


def _add_current_choice(profiles: list[tuple[str, str]], request: Request) -> list[tuple[str, str]]:
    """`profiles` with that of the request, which an invitation may have given."""
    current = request.profile
    if current is None or any(code == current.code for code, _ in profiles):
        return profiles
    return [*profiles, (current.code, current.label)]
