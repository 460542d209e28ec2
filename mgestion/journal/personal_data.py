"""The journal, as data about the people it names by their opaque id."""

from django.db.models import QuerySet

from mgestion.journal.models import Detail, Entry
from mgestion.journal.words import act_label, detail_lines, reason_label
from mgestion.personal_data import Kept, People, PersonalData, Policy, Stage, for_setting

KEPT = Kept(
    60,
    "Journal de sécurité",
    for_setting("journal"),
    "Comprendre un incident\u202f; il ne sert à rien d’autre",
)
KEPT_DETAIL = Kept(
    61,
    "Détail du journal (appareil, adresse IP, anciennes valeurs)",
    lambda: f"{for_setting('journal')()}, et jamais plus que le compte",
    "Comprendre un incident qui vous concerne",
)
_AUTHORS = {
    "person": "la personne elle-même ou un administrateur de son établissement",
    "staff": "un agent d’OPCO Mobilités",
    "system": "le portail",
    "platform": "une plateforme",
    "anonymous": "un visiteur non connecté",
}


def _author(entry: Entry) -> str:
    """Who acted, without naming anybody: the export is about its reader only."""
    return _AUTHORS.get(entry.actor_kind, entry.actor_kind)


def about(people: People) -> QuerySet[Entry]:
    return Entry.objects.filter(person__in=people.public_ids)


def details_of(people: People) -> QuerySet[Detail]:
    return Detail.objects.filter(person__in=people.public_ids)


def by(people: People) -> QuerySet[Entry]:
    """Acts of these people on others: without an index, for an export only."""
    acts = Entry.objects.filter(actor__in=[str(public_id) for public_id in people.public_ids])
    return acts.exclude(person__in=people.public_ids)


ENTRIES = {
    "journal.about": PersonalData(
        title="Journal\u00a0: ce qui concerne votre compte",
        columns=("journal.entry.person",),
        policy=Policy.KEEP_PSEUDONYMOUS,
        reason="An act, its date and an opaque id that leads to nobody any more (D29, S30).",
        kept=KEPT,
        rows=about,
        shown=(
            "at",
            ("Acte", lambda entry: act_label(entry.act)),
            ("Auteur", _author),
            ("Motif", lambda entry: reason_label(entry.act, entry.reason)),
        ),
    ),
    "journal.acts": PersonalData(
        title="Journal\u00a0: ce que vous avez fait sur d’autres dossiers",
        columns=("journal.entry.actor",),
        policy=Policy.KEEP_PSEUDONYMOUS,
        reason="Who decided about somebody else stays accountable under an opaque id (D29).",
        kept=KEPT,
        rows=by,
        shown=("at", ("Acte", lambda entry: act_label(entry.act))),
    ),
    "journal.details": PersonalData(
        title="Journal\u00a0: le détail de ce qui concerne votre compte",
        columns=("journal.detail.person", "journal.detail.entry", "journal.detail.data"),
        policy=Policy.DELETE,
        reason="What an entry tells of a person goes with the person (D29).",
        kept=KEPT_DETAIL,
        rows=lambda people: details_of(people).select_related("entry"),
        shown=(
            ("Le", lambda detail: detail.entry.at),
            ("Acte", lambda detail: act_label(detail.entry.act)),
            ("Détail", lambda detail: "\u202f; ".join(detail_lines(detail.data))),
        ),
        stage=Stage.THROUGH_OTHERS,
    ),
}
