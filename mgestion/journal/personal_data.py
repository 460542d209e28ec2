"""The journal's entries in the inventory of personal data."""

from django.db.models import QuerySet

from mgestion.journal.models import Detail, Entry
from mgestion.journal.words import format_detail, get_act_label, get_reason_label
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    RetentionLine,
    name_columns,
    retention_text,
)

KEPT = RetentionLine(
    60,
    "Journal de sécurité",
    retention_text("journal"),
    "Comprendre un incident\u202f; il ne sert à rien d’autre",
)
KEPT_DETAIL = RetentionLine(
    61,
    "Détail du journal (appareil, adresse IP, anciennes valeurs)",
    lambda: f"{retention_text('journal')()}, et jamais plus que le compte",
    "Comprendre un incident qui vous concerne",
)
_AUTHORS = {
    "person": "la personne elle-même ou un administrateur de son établissement",
    "staff": "un agent d’OPCO Mobilités",
    "system": "le portail",
    "platform": "une plateforme",
    "anonymous": "un visiteur non connecté",
}


def _describe_author(entry: Entry) -> str:
    """The kind of author, without a name: the export is about its reader only."""
    return _AUTHORS.get(entry.actor_kind, entry.actor_kind)


def select_entries_about(people: DataSubjects) -> QuerySet[Entry]:
    return Entry.objects.filter(person__in=people.public_ids)


def select_details_of(people: DataSubjects) -> QuerySet[Detail]:
    return Detail.objects.filter(person__in=people.public_ids)


def select_entries_by(people: DataSubjects) -> QuerySet[Entry]:
    """Acts of these people on others. No index: for an export only."""
    acts = Entry.objects.filter(actor__in=[str(public_id) for public_id in people.public_ids])
    return acts.exclude(person__in=people.public_ids)


ENTRIES = {
    "journal.about": PersonalData(
        title="Journal\u00a0: ce qui concerne votre compte",
        columns=("journal.entry.person",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason="An act, its date and an opaque id that leads to nobody after the erasure.",
        kept=KEPT,
        rows=select_entries_about,
        shown=(
            "at",
            ("Acte", lambda entry: get_act_label(entry.act)),
            ("Auteur", _describe_author),
            ("Motif", lambda entry: get_reason_label(entry.act, entry.reason)),
        ),
    ),
    "journal.acts": PersonalData(
        title="Journal\u00a0: ce que vous avez fait sur d’autres dossiers",
        columns=("journal.entry.actor",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason="Agents stay accountable for their acts, under an opaque id.",
        kept=KEPT,
        rows=select_entries_by,
        shown=("at", ("Acte", lambda entry: get_act_label(entry.act))),
    ),
    "journal.details": PersonalData(
        title="Journal\u00a0: le détail de ce qui concerne votre compte",
        columns=name_columns("journal.detail", "person", "entry", "data"),
        reason="Personal values of an entry are erased with the person.",
        kept=KEPT_DETAIL,
        rows=lambda people: select_details_of(people).select_related("entry"),
        shown=(
            ("Le", lambda detail: detail.entry.at),
            ("Acte", lambda detail: get_act_label(detail.entry.act)),
            ("Détail", lambda detail: "\u202f; ".join(format_detail(detail.data))),
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
}
