"""The forms of an access's staff pages: granted, changed, suspended, given back, moved."""

from typing import Any, Final

from django import forms

from accounts.habilitations.accesses.flows import refuse_firm_on_mgestion
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.enums import Dashboard, EndReason, EstablishmentKind, Role
from accounts.habilitations.platforms.mgestion_platforms import MGESTION
from accounts.habilitations.platforms.models import Platform
from accounts.people.models import User
from mgestion.admin.titles import CHOOSE
from mgestion.errors import Refused
from mgestion.text.search_words import strip_separators

NOT_FOUND: Final = (
    "Aucun établissement de votre périmètre n’a ce numéro et ce type. S’il n’existe pas encore, "
    "ajoutez-le depuis la liste des établissements."
)


def find_establishment(scope: Any, number: str, kind: str) -> Establishment | None:
    """The establishment of a typed SIRET and a type, within `scope` (`in_staff_scope`)."""
    digits = strip_separators(number)
    return Establishment.objects.filter(scope, siret=digits, kind=kind).first() if digits else None


def _build_end_field(kept: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Mettre fin à cet accès", required=False, choices=[("", kept), *EndReason.choices]
    )


class RoleForm(forms.ModelForm[Access]):
    """The role of an open access, its suspension, or its end."""

    reason = forms.CharField(
        label="Motif du changement",
        max_length=300,
        required=False,
        help_text="Obligatoire pour changer le rôle.",
    )
    suspend = forms.BooleanField(
        label="Suspendre cet accès",
        required=False,
        help_text="Aussitôt, sur cette plateforme seulement\u202f; il se rétablit ici. La personne "
        "est prévenue par e-mail.",
    )
    said = forms.CharField(
        label="Motif de la suspension",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="La personne reçoit ce texte et le lit sur ses pages.",
    )
    end = _build_end_field("Non, il reste ouvert")

    class Meta:
        model = Access
        fields = ("role", "dashboard")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        platform = getattr(self.instance, "platform", None) if self.instance.pk else None
        field = self.fields.get("role")
        if platform and platform.roles and isinstance(field, forms.ChoiceField):
            offered = {"", *platform.roles, self.instance.role}
            labels = [("", CHOOSE), *Role.choices]
            field.choices = [choice for choice in labels if choice[0] in offered]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        platform = cleaned.get("platform") or getattr(self.instance, "platform", None)
        role = cleaned.get("role")
        if platform and role and platform.roles and role not in platform.roles:
            known = ", ".join(str(Role(code).label) for code in platform.roles)
            self.add_error(
                "role", f"{platform} ne connaît pas ce rôle. Elle connaît\u00a0: {known}."
            )
        if platform and platform.code in MGESTION and not cleaned.get("dashboard"):
            self.add_error(
                "dashboard", "M-Gestion s’ouvre sur un tableau de bord\u00a0: choisissez-le."
            )
        changed = {"role", "dashboard"} & set(self.changed_data)
        if self.instance.pk and changed and not cleaned.get("end") and not cleaned.get("reason"):
            self.add_error("reason", "Dites pourquoi l’accès change.")
        self._check_suspension(cleaned)
        return cleaned

    def _check_suspension(self, cleaned: dict[str, Any]) -> None:
        suspend, said = cleaned.get("suspend"), (cleaned.get("said") or "").strip()
        if suspend and cleaned.get("end"):
            self.add_error("end", "Choisissez\u00a0: suspendre cet accès, ou y mettre fin.")
        if suspend and {"role", "dashboard"} & set(self.changed_data):
            self.add_error("suspend", "Changez le rôle, ou suspendez l’accès\u00a0: pas les deux.")
        if suspend and not said:
            self.add_error("said", "Dites pourquoi\u00a0: la personne reçoit ce texte.")
        if said and not suspend and "said" in self.fields:
            self.add_error("suspend", "Cochez cette case pour suspendre, ou effacez le motif.")


class SuspendedForm(forms.ModelForm[Access]):
    """A suspended access is given back, or is over for good."""

    restore = forms.BooleanField(
        label="Rétablir cet accès",
        required=False,
        help_text="Avec le rôle qu’il avait. La personne est prévenue par e-mail.",
    )
    end = _build_end_field("Non, il reste suspendu")

    class Meta:
        model = Access
        fields = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("restore") and cleaned.get("end"):
            self.add_error("end", "Choisissez\u00a0: rétablir cet accès, ou y mettre fin.")
        return cleaned


class PlatformSelect(forms.Select):
    """Each option carries the roles that its platform knows, for `role-options.js`."""

    def __init__(self) -> None:
        super().__init__(attrs={"data-offers-roles": ""})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        platform = getattr(value, "instance", None)
        if isinstance(platform, Platform):
            option["attrs"]["data-roles"] = " ".join(platform.roles)
        return option


class GrantForm(RoleForm):
    """The person and the establishment are named by what staff has before its eyes."""

    email = forms.EmailField(label="Adresse e-mail du compte")
    platform = forms.ModelChoiceField(
        label="Plateforme",
        queryset=Platform.objects.filter(enabled=True),
        empty_label=CHOOSE,
        widget=PlatformSelect,
    )
    number = forms.CharField(
        label="SIRET",
        max_length=20,
        help_text="Un établissement qui a une demande acceptée, ou qu’un agent a ajouté.",
    )
    kind = forms.ChoiceField(
        label="Type d’établissement",
        choices=[("", CHOOSE), *EstablishmentKind.choices],
    )
    reason = forms.CharField(label="Motif", max_length=300)
    # Shown once the page has said what would be replaced.
    replace = forms.BooleanField(
        label="Remplacer l’accès de cette personne", required=False, widget=forms.HiddenInput
    )
    # Django's way to drop inherited fields.
    suspend = said = end = None  # type: ignore[assignment]
    scope: Any = None  # the establishments of the agent, set by the admin

    def clean_email(self) -> User:
        user = User.objects.with_address(self.cleaned_data["email"])
        if user is None or not user.is_active:
            raise forms.ValidationError("Aucun compte actif n’a cette adresse.")
        return user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        number = cleaned.get("number", "")
        found = find_establishment(self.scope, number, cleaned.get("kind", ""))
        if number and found is None:
            self.add_error("number", NOT_FOUND)
        cleaned["establishment"] = found
        if found is not None and cleaned.get("platform"):
            try:
                refuse_firm_on_mgestion(cleaned["platform"], found)
            except Refused as refusal:
                self.add_error("platform", refusal.message)
        cleaned["before"] = self._check_replacement(cleaned)
        return cleaned

    def _check_replacement(self, cleaned: dict[str, Any]) -> tuple[str, str] | None:
        """The role and the dashboard of the access that is open already; replacing them is asked
        for by name.
        """
        user, platform, place = (
            cleaned.get(name) for name in ("email", "platform", "establishment")
        )
        if not (user and platform and place):
            return None
        held = (
            Access.objects.open().filter(user=user, platform=platform, establishment=place).first()
        )
        if held is None:
            return None
        role, dashboard = cleaned.get("role"), cleaned.get("dashboard") or ""
        if role and (held.role, held.dashboard) != (role, dashboard):
            self.fields["replace"].widget = forms.CheckboxInput()
            if not cleaned.get("replace"):
                changed = word_change("deviendrait", held.role, held.dashboard, role, dashboard)
                self.add_error(
                    "replace",
                    f"{user} a déjà un accès à {platform} pour cet établissement. "
                    f"{changed} Cochez cette case pour le remplacer, ou corrigez votre choix.",
                )
        return held.role, held.dashboard


def word_change(verb: str, old_role: str, old_dashboard: str, role: str, dashboard: str) -> str:
    """« Le rôle « A » devient « B ». », for a person who reads; `verb`: before, or once done."""
    said = []
    if old_role != role:
        said.append(_word_new_value("Le rôle", verb, Role(old_role).label, Role(role).label))
    if old_dashboard != dashboard:
        labels = dict(Dashboard.choices)
        old, new = labels.get(old_dashboard, "aucun"), labels.get(dashboard, "aucun")
        said.append(_word_new_value("Le tableau de bord", verb, old, new))
    return " ".join(said)


def _word_new_value(what: str, verb: str, old: str, new: str) -> str:
    return f"{what} «\u00a0{old}\u00a0» {verb} «\u00a0{new}\u00a0»."


class MoveForm(forms.Form):
    """The establishment that an access belongs to, found within the agent's scope."""

    number = forms.CharField(
        label="SIRET de l’établissement d’arrivée",
        max_length=20,
        error_messages={"required": "Indiquez le SIRET."},
    )
    kind = forms.ChoiceField(
        label="Type d’établissement",
        choices=[("", CHOOSE), *EstablishmentKind.choices],
        error_messages={"required": "Choisissez le type."},
    )
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Il reste sur l’accès\u202f; la personne ne le reçoit pas.",
        error_messages={"required": "Dites pourquoi l’accès change d’établissement."},
    )

    def __init__(self, *args: Any, scope: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = scope

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("number") and cleaned.get("kind"):
            found = find_establishment(self.scope, cleaned["number"], cleaned["kind"])
            if found is None:
                self.add_error("number", NOT_FOUND)
            cleaned["to"] = found
        return cleaned
