"""The forms of the decision page's other acts. The flows validate what they contain."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from django import forms
from django.conf import settings

from accounts.habilitations.reference.models import Branch, Delegation, shorten_delegation_name
from accounts.people.models import User
from mgestion.text.dates import french_date, paris_date
from registrations.desk.decision.forms import (
    NOTE_MAX,
    TEXT_MAX,
    ActForm,
    AreaField,
    DayField,
    NoteField,
    limit_days,
)
from registrations.documents.flows import MAX_ASKING_DAYS, get_default_last_day
from registrations.requests.document_models import AskingTemplate
from registrations.requests.models import Request
from registrations.requests.placeholders import fill_known_placeholders

TEMPLATE_ROWS: Final = 5  # seen at once of a list that shows its choices


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


class AskForDocumentsForm(ActForm):
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
    message = AreaField("Message à la personne", max_length=TEXT_MAX, rows=5)
    documents = AreaField(
        "Documents attendus (facultatif)",
        help_text="Un par ligne. Rien ici\u00a0: la personne répond par écrit.",
        max_length=TEXT_MAX,
        rows=3,
    )
    last_day = DayField("Réponse attendue jusqu’au (inclus)")

    def __init__(self, item: Request, now: datetime, data: Any = None, *, ready: str = "") -> None:
        day = get_default_last_day(now)
        super().__init__(data, initial={"last_day": day})
        field = cast("forms.ModelChoiceField[AskingTemplate]", self.fields["template"])
        cast(TemplateSelect, field.widget).item = item
        field.queryset = AskingTemplate.objects.filter(enabled=True)
        if not self.is_bound:
            self._begin(list(field.queryset), ready, item)
        today = paris_date(now)
        limit_days(self, today + timedelta(days=1), today + timedelta(days=MAX_ASKING_DAYS))
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
        return "\n".join(self.cleaned_data["message"].splitlines()).strip()


class ProlongAskingForm(ActForm):
    """Another last day for the document that is awaited."""

    prefix_id = "prolong"
    last_day = DayField("Nouveau dernier jour (inclus)")

    def __init__(self, last_day: date, now: datetime, data: Any = None) -> None:
        """`last_day`: the one that stands."""
        today = paris_date(now)
        earliest = max(last_day, today) + timedelta(days=1)
        latest = today + timedelta(days=MAX_ASKING_DAYS)
        super().__init__(data, initial={"last_day": min(earliest + timedelta(days=9), latest)})
        limit_days(self, earliest, latest)


class ReasonForPersonForm(ActForm):
    """Why something is taken back, in words for the person."""

    reason = AreaField(
        "Pourquoi, pour la personne", help_text="Ce texte lui est envoyé.", max_length=1000, rows=3
    )


class SuspendAccessForm(ReasonForPersonForm):
    prefix_id = "access"


class ReopenForm(ReasonForPersonForm):
    prefix_id = "reopen"
    internal_note = NoteField()


class NoteForm(ActForm):
    """An internal note."""

    prefix_id = "note"
    text = NoteField("Note interne", rows=3)


class ToldOtherwiseForm(ActForm):
    """How a person was told of what a mail did not bring."""

    prefix_id = "told"
    text = AreaField(
        "Comment, et quand",
        help_text="Appel, courrier, collègue… Réservé aux agents.",
        max_length=NOTE_MAX,
        rows=2,
    )


class AssignForm(ActForm):
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
        names = [(str(person.public_id), str(person)) for person in people]
        field = cast(forms.ChoiceField, self.fields["to"])
        field.choices = [("", "Choisissez un collègue"), *names]


class DelegationField(forms.ModelChoiceField[Delegation]):
    """By the words that tell one from the other: what one types finds it."""

    def label_from_instance(self, obj: Delegation) -> str:
        return shorten_delegation_name(obj.name)


class RerouteForm(ActForm):
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
        others = Delegation.objects.exclude(pk__in=[item.delegation_id or 0])
        delegation = cast(DelegationField, self.fields["delegation"])
        delegation.queryset = others.order_by("name")
        if item.branch_id is None:
            del self.fields["branch"]
        else:
            branch = cast("forms.ModelChoiceField[Branch]", self.fields["branch"])
            branch.queryset = Branch.objects.filter(selectable=True).exclude(pk=item.branch_id)


# The forms that need to know nothing of the request, by their name on the page.
PLAIN_FORMS: Final[Mapping[str, type[ActForm]]] = {
    "note": NoteForm,
    "reopen": ReopenForm,
    "access": SuspendAccessForm,
    "told": ToldOtherwiseForm,
}
