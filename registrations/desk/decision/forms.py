"""The two forms of a decision, and what all forms of its page are made of. The flows validate what
they contain.
"""

from datetime import date
from typing import Any, ClassVar, cast

from django import forms

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.enums import Role
from accounts.people.fields import LineField
from mgestion.errors import Refused
from registrations.desk.decision.panels.accounting_firms import select_refusal_reasons
from registrations.invitations.evidence import describe_evidence
from registrations.requests.models import RefusalReason, Request
from registrations.requests.placeholders import (
    fill_all_placeholders,
    fill_known_placeholders,
    find_unknown_placeholders,
)
from registrations.requests.review.review_rules import (
    format_explanation_needed,
    is_explanation_missing,
)

TEXT_MAX = 4000
NOTE_MAX = 2000
# As on the access: what is said there must fit.
REASON_MAX = 300

REASON_ROWS = 10  # seen at once of a list that shows its choices

NOTE_HELP = "Réservée aux agents. La personne peut demander à la lire\u00a0: restez factuel."  # D64


class AreaField(forms.CharField):
    """A text of several lines. Its length is judged here: a `maxlength` in the page would cut
    what is pasted without a word.
    """

    def __init__(
        self, label: str, *, rows: int, attrs: dict[str, Any] | None = None, **options: Any
    ) -> None:
        widget = forms.Textarea(attrs={"rows": rows, **(attrs or {})})
        super().__init__(label=label, widget=widget, required=False, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs: dict[str, Any] = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class NoteField(AreaField):
    """What other agents read, and the person when they ask for it."""

    def __init__(self, label: str = "Note interne (facultative)", *, rows: int = 2) -> None:
        super().__init__(label, help_text=NOTE_HELP, max_length=NOTE_MAX, rows=rows)


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar or typed."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(
            label=label,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={
                "required": "Choisissez une date.",
                "invalid": "Écrivez la date ainsi\u00a0: 17/03/2026.",
            },
            **options,
        )


class ActForm(forms.Form):
    """The form of one act. `prefix_id`: what the ids of its fields begin with."""

    prefix_id: ClassVar[str]

    def __init__(self, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(data, files, auto_id=f"{self.prefix_id}_%s", label_suffix="", **options)


def limit_days(form: forms.Form, first: date, last: date) -> None:
    """What the calendar of the field `last_day` offers."""
    form.fields["last_day"].widget.attrs.update(min=first.isoformat(), max=last.isoformat())


def get_proposed_role(item: Request) -> Role:
    return Role(item.asked_role)


def find_known_establishment(item: Request) -> Establishment | None:
    """The one that an earlier approval wrote for this SIRET and type."""
    return Establishment.objects.filter(siret=item.siret, kind=item.kind).first()


def _word_invitation(item: Request) -> str:
    """The invitation as the evidence that the agent may keep; "" when it proves less."""
    found = describe_evidence(item)
    return found.sentence[:REASON_MAX] if found and not found.faults else ""


class ApproveForm(ActForm):
    """With `known`, the establishment is there already: its name is not this request's to say."""

    prefix_id = "approve"
    establishment = LineField(
        label="Nom de l’établissement",
        help_text="Tel qu’il sera enregistré avec ce SIRET\u00a0: corrigez une faute de saisie.",
        required=False,
        max_length=160,
    )
    role = forms.ChoiceField(label="Rôle accordé")
    reason = AreaField(
        "Pourquoi un autre rôle que celui du profil\u202f?", max_length=REASON_MAX, rows=2
    )
    evidence = AreaField(
        "Justificatif du rôle Administrateur",
        help_text="Ce qui montre que cette personne peut gérer les comptes de l’établissement"
        "\u00a0: document, appel, échange avec l’employeur…",
        max_length=REASON_MAX,
        rows=2,
    )
    internal_note = NoteField()

    def __init__(
        self, item: Request, data: Any = None, *, known: Establishment | None = None
    ) -> None:
        self.proposed = get_proposed_role(item)
        self.known = known
        super().__init__(
            data,
            initial={
                "role": self.proposed.value,
                "establishment": item.company_name,
                "evidence": _word_invitation(item),
            },
        )
        if known is not None:
            del self.fields["establishment"]
        roles = item.platform.list_roles()
        if self.proposed not in roles:  # the roles of a platform are edited by staff
            roles = [self.proposed, *roles]
        field = cast(forms.ChoiceField, self.fields["role"])
        field.choices = [(role.value, self._label(role)) for role in roles]
        field.help_text = "Présélectionné d’après le profil demandé."
        # For the script that shows the reason when it is needed.
        self.other_roles = ",".join(role.value for role in roles if role != self.proposed)

    def _label(self, role: Role) -> str:
        return f"{role.label} (profil demandé)" if role == self.proposed else str(role.label)

    @property
    def administrator_roles(self) -> str:
        """For the script that shows the evidence when it is needed."""
        return ",".join(role.value for role in Role if role.is_administrator)


class ReasonSelect(forms.Select):
    """A list that shows its choices: one press chooses. Each option carries its proposed text: the
    script fills the box, or else the server does. `item`: the one request that is refused, or None.
    """

    item: Request | None = None

    def use_required_attribute(self, initial: Any) -> bool:
        return False  # the form checks by itself; asking would read the reasons once more

    def fill(self, text: str) -> str:
        """The template with the request's own values; of several, it keeps its placeholders."""
        return fill_known_placeholders(text, self.item) if self.item else text

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        reason = getattr(value, "instance", None)
        if isinstance(reason, RefusalReason):
            option["attrs"]["data-text"] = self.fill(reason.text)
            option["attrs"]["data-own"] = "non" if reason.text else "oui"
            option["attrs"]["data-resubmit"] = "oui" if reason.may_resubmit else "non"
        return option


class RefuseForm(ActForm):
    """The refusal of one request, or of several for the same reason (`item` is None), whose text
    keeps its placeholders: each mail fills in its own values.
    """

    prefix_id = "refuse"
    refusal = forms.ModelChoiceField(
        label="Motif du refus",
        queryset=RefusalReason.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=ReasonSelect(attrs={"size": REASON_ROWS}),
        error_messages={
            "required": "Choisissez un motif dans la liste.",
            "invalid_choice": "Ce motif n’est plus proposé\u00a0: choisissez-en un autre.",
        },
    )
    text = AreaField(
        "Texte envoyé à la personne",
        help_text="Prérempli d’après le motif, à adapter\u00a0: dites comment y remédier.",
        max_length=TEXT_MAX,
        rows=6,
        attrs={"data-reason-text": ""},
    )
    internal_note = NoteField()

    def __init__(self, item: Request | None, data: Any = None, *, ready: str = "") -> None:
        """`ready`: the code of a reason to begin with, its text filled in."""
        super().__init__(data)
        self.item = item
        field = cast("forms.ModelChoiceField[RefusalReason]", self.fields["refusal"])
        select = cast(ReasonSelect, field.widget)
        select.item = item
        self._fill = select.fill
        field.queryset = select_refusal_reasons(item)
        self.ready = field.queryset.filter(code=ready).first() if ready else None
        if self.ready is not None:
            self.initial = {"refusal": self.ready.code, "text": self._fill(self.ready.text)}

    def clean_text(self) -> str:
        """One kind of line end: what is previewed is what is sent."""
        return "\n".join(self.cleaned_data["text"].splitlines()).strip()

    def clean(self) -> dict[str, Any]:
        """An empty box gets the reason's text and comes back to be read: it never leaves unseen."""
        cleaned = super().clean() or self.cleaned_data
        reason = cleaned.get("refusal")
        if reason is None or "text" not in cleaned:
            return cleaned
        if is_explanation_missing(cleaned["text"], reason.text):
            self.add_error("text", format_explanation_needed(reason.label))
        elif not cleaned["text"]:
            self._propose(reason)
        else:
            try:
                cleaned["text"] = self._fill_all(cleaned["text"])
            except Refused as no:  # before the preview, not after it
                self.add_error("text", no.message)
        return cleaned

    def _fill_all(self, text: str) -> str:
        """The text as it is sent. Raises Refused for a placeholder that nobody knows."""
        if self.item is not None:
            return fill_all_placeholders(text, self.item)
        if unknown := find_unknown_placeholders(text):
            raise Refused("placeholder", f"Nom inconnu dans le texte\u00a0: {', '.join(unknown)}.")
        return text

    def _propose(self, reason: RefusalReason) -> None:
        self.data = {
            **{name: self.data.get(name, "") for name in self.fields},
            "text": self._fill(reason.text),
        }
        self.add_error(
            "text",
            "Le texte était vide\u00a0: celui du motif est repris ci-dessous. Relisez-le, "
            "adaptez-le, puis prévisualisez.",
        )

    def settled(self) -> "RefuseForm":
        """The form to send after the preview: it holds the very text that was shown."""
        kept = {name: self.data.get(name, "") for name in self.fields}
        self.data = {**kept, "text": self.cleaned_data["text"]}
        return self
