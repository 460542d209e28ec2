"""The register of rights requests: the list with what is late, a letter entered, one page an act.

A request is never edited: its acts call the verbs of `flows_rights`.
"""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.habilitations.reference.base_admin import ReadOnlyAdmin
from accounts.people.models import User
from accounts.profile.acts import ProfileAct
from accounts.profile.enums import Channel
from accounts.profile.models import RightsRequest, RightsRequestQuerySet
from accounts.profile.rights import flows as rights_flows
from accounts.profile.rights.acts import ACTS, RightsActView, may_handle_rights
from mgestion.journal.actors import Actor
from mgestion.journal.models import Entry
from mgestion.staff_acts import offered_acts
from mgestion.text.dates import french_date, french_moment, paris_date

_WORDS: dict[str, str] = {
    ProfileAct.RIGHTS_RECEIVED: "Demande reçue",
    ProfileAct.RIGHTS_ACKNOWLEDGED: "Accusé de réception envoyé",
    ProfileAct.RIGHTS_EXTENDED: "Délai prolongé de deux mois",
    ProfileAct.RIGHTS_ANSWERED: "Réponse donnée",
    ProfileAct.RIGHTS_REFUSED: "Refus motivé",
    ProfileAct.RIGHTS_CLOSED: "Demande close",
    ProfileAct.RIGHTS_NOTED: "Notes modifiées",
    ProfileAct.RIGHTS_ACCOUNT_CLOSED: "Fermeture du compte lancée",
}


class DueFilter(admin.SimpleListFilter):
    """What is owed and when; « en retard » first."""

    title = "échéance"
    parameter_name = "echeance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("retard", "En retard"),
            ("semaine", "Dans les 7\u00a0jours"),
            ("ouvertes", "Toutes celles qui attendent"),
            ("traitees", "Traitées"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = cast(RightsRequestQuerySet, queryset)
        today = paris_date(timezone.now())
        match self.value():
            case "retard":
                return rows.open().filter(due_on__lt=today)
            case "semaine":
                week = (today, today + timedelta(days=7))
                return rows.open().filter(due_on__range=week)
            case "ouvertes":
                return rows.open()
            case "traitees":
                return rows.settled()
            case _:
                return queryset


class EntryForm(forms.ModelForm[RightsRequest]):
    """A letter or an e-mail, as the DPO enters it."""

    account = forms.EmailField(
        label="Adresse e-mail du compte",
        required=False,
        help_text="Si la personne a un compte\u00a0: l’accusé de réception part alors par e-mail, "
        "et la demande paraît dans son espace.",
    )

    class Meta:
        model = RightsRequest
        fields = ("right", "channel", "received_on", "name", "contact", "said")
        help_texts = {
            "contact": "Adresse postale ou e-mail\u202f; inutile pour qui a un compte. Un "
            "e-mail qui est celui d’un compte rattache la demande à ce compte.",
            "received_on": "Le délai d’un mois part de cette date.",
        }
        widgets = {
            "received_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "said": forms.Textarea(attrs={"rows": 6}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["channel"]
        field.choices = [("", "Choisissez")] + [
            choice for choice in Channel.choices if choice[0] != Channel.PORTAL
        ]

    def clean_account(self) -> User | None:
        address = self.cleaned_data["account"]
        user = User.objects.with_address(address) if address else None
        if address and user is None:
            raise forms.ValidationError(
                "Aucun compte n’a cette adresse\u00a0: corrigez-la, ou laissez le champ vide."
            )
        return user

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > paris_date(timezone.now()):
            raise forms.ValidationError("Cette date est à venir\u00a0: vérifiez-la.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        known = cleaned.get("account") or "account" in self.errors
        if not known and not (cleaned.get("name") and cleaned.get("contact")):
            self.add_error(
                "contact",
                "Sans compte, indiquez le nom de la personne et où lui répondre.",
            )
        return cleaned


@admin.register(RightsRequest)
class RightsRequestAdmin(ReadOnlyAdmin):
    add_title = "Saisir une demande"
    list_display = ("reference", "right", "name", "channel", "received", "due", "state")
    list_filter = (DueFilter, "state", "right", "channel")
    search_fields = ("name", "contact")
    search_help_text = "Nom de la personne, ou adresse."
    ordering = (F("settled_at").asc(nulls_first=True), "due_on", "created_at")
    show_full_result_count = False
    change_form_template = "admin/profile/rightsrequest/change_form.html"
    _shown = (
        "right",
        "state",
        "channel",
        "received",
        "due",
        "name",
        "contact",
        "account_link",
        "said",
        "extension_reason",
        "answer",
        "notes",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._shown if obj else ("account", *EntryForm.Meta.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._shown if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = EntryForm
            kwargs["fields"] = EntryForm.Meta.fields
        return super().get_form(request, obj, change=change, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("profile.add_rightsrequest"))

    @admin.display(description="référence")
    def reference(self, row: RightsRequest) -> str:
        return row.reference

    @admin.display(description="reçue le", ordering="received_on")
    def received(self, row: RightsRequest) -> str:
        return french_date(row.received_on)

    @admin.display(description="répondre au plus tard le", ordering="due_on")
    def due(self, row: RightsRequest) -> str:
        day = french_date(row.due_on)
        return f"{day} – en retard" if row.is_late(paris_date(timezone.now())) else day

    @admin.display(description="compte")
    def account_link(self, row: RightsRequest) -> Any:
        user = User.objects.filter(public_id=row.person).first() if row.person else None
        if user is None:
            return "Aucun"
        address = reverse("admin:accounts_user_change", args=[user.pk])
        return format_html(
            '<a href="{}">{}</a> ({})', address, user.email, user.get_status_display()
        )

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "<uuid:request_id>/acte/<slug:word>/",
            self.admin_site.admin_view(RightsActView.as_view()),
            name="profile_rightsrequest_act",
        )
        return [act, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = {name: form.cleaned_data[name] for name in EntryForm.Meta.fields}
        made = rights_flows.enter_rights_request(
            form.cleaned_data["account"],
            actor=Actor.staff(request.user),  # type: ignore[arg-type]  # never anonymous
            now=timezone.now(),
            **said,
        )
        obj.pk = made.pk
        obj._state.adding = False
        due = french_date(made.due_on)
        obj.done_words = f"Demande {made.reference} saisie\u00a0: répondez le {due} au plus tard."

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **more: Any
    ) -> Any:
        row = context.get("original")
        if row is not None:
            context["acts"] = offered_acts(ACTS, row) if may_handle_rights(request) else {}
            context["history"] = build_history(row)
            context["late"] = row.is_late(paris_date(timezone.now()))
        return super().render_change_form(request, context, *args, **more)


def build_history(row: RightsRequest) -> list[dict[str, Any]]:
    """Who did what when, from the journal. Two statements."""
    lines = list(Entry.objects.filter(object_type="rights", object_id=str(row.pk)).order_by("pk"))
    ids = {line.actor for line in lines if line.actor_kind == "staff"}
    names = {str(user.public_id): str(user) for user in User.objects.filter(public_id__in=ids)}
    who = {"person": "la personne", "system": "le portail"}
    return [
        {
            "at": french_moment(line.at),
            "what": _WORDS.get(line.act, line.act),
            "who": names.get(line.actor) or who.get(line.actor_kind, "un agent"),
        }
        for line in lines
    ]
