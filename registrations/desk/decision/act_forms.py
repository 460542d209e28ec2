"""The forms of the decision page's other acts. The flows validate what they contain."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.conf import settings

from accounts.habilitations.reference.models import Branch, Delegation, shorten_delegation_name
from accounts.people.models import User
from mgestion.text.dates import french_date, paris_date
from registrations.desk.decision.forms import NOTE_HELP, NOTE_MAX, TEXT_MAX, AreaField
from registrations.documents.flows import MAX_ASKING_DAYS, get_default_last_day
from registrations.requests.document_models import AskingTemplate
from registrations.requests.models import Request
from registrations.requests.placeholders import fill_known_placeholders

TEMPLATE_ROWS: Final = 5  # seen at once of a list that shows its choices


def _normalize_lines(text: str) -> str:
    return "\n".join(text.splitlines()).strip()


class _ActForm(forms.Form):
    prefix_id = ""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"{self.prefix_id}_%s", label_suffix="", **kwargs)


class TemplateSelect(forms.Select):
    """Each option carries its texts, for the script that fills the boxes."""

    item: Request

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        template = getattr(value, "instance", None)
        if isinstance(template, AskingTemplate):
            option["attrs"]["data-message"] = fill_known_placeholders(template.message, self.item)
            option["attrs"]["data-documents"] = template.documents
        return option


class AskForDocumentsForm(_ActForm):
    """A message, a list, a date; `ready`: the code of the template to begin with."""

    prefix_id = "ask"
    template = forms.ModelChoiceField(
        label="Partir d’un modèle",
        queryset=AskingTemplate.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="Aucun",
        widget=TemplateSelect(attrs={"data-fills": "message documents", "size": TEMPLATE_ROWS}),
        error_messages={
            "invalid_choice": "Ce modèle n’est plus proposé\u00a0: choisissez-en un autre."
        },
    )
    message = AreaField(
        label="Message à la personne",
        required=False,
        max_length=TEXT_MAX,
        rows=5,
    )
    documents = AreaField(
        label="Documents attendus (facultatif)",
        help_text="Un par ligne. Rien ici\u00a0: la personne répond par écrit.",
        required=False,
        max_length=TEXT_MAX,
        rows=3,
    )
    last_day = forms.DateField(
        label="Réponse attendue jusqu’au (inclus)",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={
            "required": "Choisissez une date.",
            "invalid": "Écrivez la date ainsi\u00a0: 17/03/2026.",
        },
    )

    def __init__(self, item: Request, now: datetime, data: Any = None, *, ready: str = "") -> None:
        day = get_default_last_day(now)
        super().__init__(data, initial={"last_day": day})
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # for the type checker
        assert isinstance(field.widget, TemplateSelect)  # noqa: S101  # for the type checker
        field.widget.item = item
        field.queryset = AskingTemplate.objects.filter(enabled=True)
        if not self.is_bound:
            self._begin(list(field.queryset), ready, item)
        today = paris_date(now)
        attrs = self.fields["last_day"].widget.attrs
        attrs["min"] = (today + timedelta(days=1)).isoformat()
        attrs["max"] = (today + timedelta(days=MAX_ASKING_DAYS)).isoformat()
        self.fields["last_day"].help_text = (
            f"{settings.ASKING_DAYS}\u00a0jours par défaut, {french_date(day)}, heure de Paris. "
            "Rappel à mi-chemin."
        )

    def _begin(self, templates: list[AskingTemplate], ready: str, item: Request) -> None:
        chosen = next((each for each in templates if each.code == ready), None)
        chosen = chosen or next(iter(templates), None)
        self.ready = chosen is not None and chosen.code == ready
        self.others = [each for each in templates if each != chosen]
        if chosen is not None:
            self.initial.update(
                template=chosen.code,
                message=fill_known_placeholders(chosen.message, item),
                documents=chosen.documents,
            )

    def clean_message(self) -> str:
        return _normalize_lines(self.cleaned_data["message"])


class ProlongAskingForm(_ActForm):
    """Another last day for the document that is awaited."""

    prefix_id = "prolong"
    last_day = forms.DateField(
        label="Nouveau dernier jour (inclus)",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={
            "required": "Choisissez une date.",
            "invalid": "Écrivez la date ainsi\u00a0: 17/03/2026.",
        },
    )

    def __init__(self, last_day: date, now: datetime, data: Any = None) -> None:
        """`last_day`: the one that stands."""
        today = paris_date(now)
        earliest = max(last_day, today) + timedelta(days=1)
        latest = today + timedelta(days=MAX_ASKING_DAYS)
        super().__init__(data, initial={"last_day": min(earliest + timedelta(days=9), latest)})
        attrs = self.fields["last_day"].widget.attrs
        attrs["min"], attrs["max"] = earliest.isoformat(), latest.isoformat()


class ReopenForm(_ActForm):
    """Why a decision is taken back, in words for the person."""

    prefix_id = "reopen"
    reason = AreaField(
        label="Pourquoi, pour la personne",
        help_text="Ce texte lui est envoyé.",
        required=False,
        max_length=1000,
        rows=3,
    )
    internal_note = AreaField(
        label="Note interne (facultative)",
        help_text=NOTE_HELP,
        required=False,
        max_length=NOTE_MAX,
        rows=2,
    )


class NoteForm(_ActForm):
    """An internal note."""

    prefix_id = "note"
    text = AreaField(
        label="Note interne",
        help_text=NOTE_HELP,
        required=False,
        max_length=NOTE_MAX,
        rows=3,
    )


class ToldOtherwiseForm(_ActForm):
    """How a person was told of what a mail did not bring."""

    prefix_id = "told"
    text = AreaField(
        label="Comment, et quand",
        help_text="Appel, courrier, collègue… Réservé aux agents.",
        required=False,
        max_length=NOTE_MAX,
        rows=2,
    )


class AssignForm(_ActForm):
    """One of those who may decide this request."""

    prefix_id = "assign"
    to = forms.ChoiceField(
        label="Collègue",
        error_messages={
            "required": "Choisissez un nom de la liste.",
            "invalid_choice": "Choisissez un nom de la liste.",
        },
    )

    def __init__(self, people: list[User], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        names = [(str(person.public_id), str(person)) for person in people]
        field.choices = [("", "Choisissez un collègue"), *names]


class DelegationField(forms.ModelChoiceField[Delegation]):
    """By the words that tell one from the other: what one types finds it."""

    def label_from_instance(self, obj: Delegation) -> str:
        return shorten_delegation_name(obj.name)


class RerouteForm(_ActForm):
    """Another délégation, another branch, or both."""

    prefix_id = "reroute"
    delegation = DelegationField(
        label="Délégation",
        queryset=Delegation.objects.none(),
        to_field_name="code",
        empty_label="Ne pas changer",
        required=False,
    )
    branch = forms.ModelChoiceField(
        label="Branche",
        help_text="Elle fixe la DGA et le tableau de bord.",
        queryset=Branch.objects.none(),
        to_field_name="code",
        empty_label="Ne pas changer",
        required=False,
    )

    def __init__(self, item: Request, data: Any = None) -> None:
        super().__init__(data)
        delegation, branch = self.fields["delegation"], self.fields["branch"]
        assert isinstance(delegation, forms.ModelChoiceField)  # noqa: S101  # for the type checker
        assert isinstance(branch, forms.ModelChoiceField)  # noqa: S101  # for the type checker
        delegation.queryset = Delegation.objects.exclude(pk__in=[item.delegation_id or 0]).order_by(
            "name"
        )
        if item.branch_id is None:
            del self.fields["branch"]
        else:
            branch.queryset = Branch.objects.filter(selectable=True).exclude(pk=item.branch_id)


class SuspendAccessForm(_ActForm):
    """Suspends the granted access, on this platform only."""

    prefix_id = "access"
    reason = AreaField(
        label="Pourquoi, pour la personne",
        help_text="Ce texte lui est envoyé.",
        required=False,
        max_length=1000,
        rows=3,
    )


# The forms that need to know nothing of the request, by their name on the page.
PLAIN_FORMS: Final[Mapping[str, type[_ActForm]]] = {
    "note": NoteForm,
    "reopen": ReopenForm,
    "access": SuspendAccessForm,
    "told": ToldOtherwiseForm,
}
