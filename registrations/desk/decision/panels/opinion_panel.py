"""The opinions of a request on its decision page: what was asked and said, and the two forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms

from accounts.habilitations.reference.models import Dga
from accounts.habilitations.staff.permissions import Staff, may_decide
from accounts.people.models import User
from accounts.people.naming import find_names, get_display_name
from registrations.desk.decision.forms import ActForm, AreaField
from registrations.desk.opinions.models import Opinion, OpinionVerdict
from registrations.desk.opinions.opinion_flows import ANSWER_MAX, QUESTION_MAX
from registrations.requests.models import Request


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """`open`: still awaited. `mine`: awaited of the agent who looks."""

    opinion: Opinion
    whom: str
    by: str
    answered_by: str
    open: bool
    mine: bool


def load_opinions(item: Request, user: User, staff: Staff) -> list[OpinionLine]:
    """Oldest first; one statement, and one more for the names when there is any."""
    found = Opinion.objects.filter(request=item).select_related("dga")
    rows = list(found.order_by("asked_at", "pk"))
    names = find_names(key for row in rows for key in (row.person, row.asked_by, row.answered_by))
    return [
        OpinionLine(
            row,
            str(row.dga) if row.dga else get_display_name(row.person, names),
            get_display_name(row.asked_by, names),
            get_display_name(row.answered_by, names) if row.answered_by else "",
            open=(awaited := row.closed_at is None and item.is_open),
            mine=awaited
            and may_decide(staff)
            and item.user_id != user.pk
            and (row.person == user.public_id or row.dga_id in staff.dga_ids),
        )
        for row in rows
    ]


class AskOpinionForm(ActForm):
    """Whom, and what. The choices are colleagues by their public id, and DGAs by their code."""

    prefix_id = "opinion"
    of = forms.ChoiceField(
        label="À qui",
        error_messages={
            "required": "Choisissez à qui demander l’avis.",
            "invalid_choice": "Choisissez un nom de la liste.",
        },
    )
    question = AreaField(
        "Question",
        help_text="La personne qui demande l’accès ne la lit pas.",
        max_length=QUESTION_MAX,
        rows=3,
    )

    def __init__(
        self, item: Request, people: Sequence[User], dgas: Sequence[Dga], data: Any = None
    ) -> None:
        super().__init__(data)
        self.people = {str(person.public_id): person for person in people}
        self.dgas = {f"dga:{dga.code}": dga for dga in dgas}
        own = [key for key, dga in self.dgas.items() if dga.pk == item.dga_id]
        others = [key for key in self.dgas if key not in own]
        cast(forms.ChoiceField, self.fields["of"]).choices = [
            ("", "Choisissez"),
            ("DGA", [(key, str(self.dgas[key])) for key in (*own, *others)]),
            ("Collègues", [(key, str(person)) for key, person in self.people.items()]),
        ]

    def clean(self) -> dict[str, Any]:
        """With the one of the two that was chosen."""
        chosen = self.cleaned_data.get("of", "")
        asked = {"colleague": self.people.get(chosen), "dga": self.dgas.get(chosen)}
        return {**self.cleaned_data, **asked}


class GiveOpinionForm(ActForm):
    """A verdict, and why."""

    prefix_id = "give"
    verdict = forms.ChoiceField(
        label="Votre avis",
        choices=[(value, str(label).capitalize()) for value, label in OpinionVerdict.choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un avis.", "invalid_choice": "Choisissez un avis."},
    )
    answer = AreaField("Pourquoi", help_text="Réservé aux agents.", max_length=ANSWER_MAX, rows=3)
