"""The lifecycle's entries in the inventory of personal data."""

from django.db.models import QuerySet

from accounts.personal_data import KEPT, KEPT_PENDING, STAFF_ACTS, describe_staff_acts
from lifecycle.ledger.entries import list_references
from lifecycle.models import Hold, LedgerEntry, LifecycleCase, Reminder, Review, StaffProposal
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    RetentionLine,
    name_columns,
    retention_text,
)

KEPT_LEDGER = RetentionLine(
    70,
    "Registre des suppressions (sans nom ni adresse)",
    retention_text("ledger"),
    "Prouver qu’une suppression a eu lieu, et pourquoi",
)


def _select_ledger_entries(people: DataSubjects) -> QuerySet[LedgerEntry]:
    found = [line for public_id in people.public_ids for line in list_references(public_id)]
    return LedgerEntry.objects.filter(reference__in=found)


def _select_ledger_acts(people: DataSubjects) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(actor__in=[str(one) for one in people.public_ids])


ENTRIES = {
    "lifecycle.case": PersonalData(
        title="Procédures de désactivation et de suppression",
        columns=name_columns("lifecycle.lifecyclecase", "user", "mail"),
        reason="What must outlive the account is in the ledger.",
        kept=KEPT,
        rows=lambda people: LifecycleCase.objects.filter(user__in=people.ids),
        shown=(
            "cause",
            "state",
            "anchor",
            "opened_at",
            "notice_accepted_at",
            "deactivated_at",
            "announced_at",
            "due_at",
            "closed_at",
            "outcome",
            "notice_letter_on",
            "deletion_letter_on",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "lifecycle.hold": PersonalData(
        title="Procédures retenues",
        columns=("lifecycle.hold.user",),
        reason="A hold ends with its account; the ledger records it.",
        kept=KEPT,
        rows=lambda people: Hold.objects.filter(user__in=people.ids),
        shown=("reason", "placed_at", "released_at"),
    ),
    "lifecycle.held_by": describe_staff_acts(
        "Procédures que vous avez retenues", Hold, "placed_by", "placed_at"
    ),
    "lifecycle.released_by": describe_staff_acts(
        "Procédures que vous avez reprises", Hold, "released_by", "released_at"
    ),
    "lifecycle.proposal": PersonalData(
        title="Actes proposés sur votre compte",
        columns=name_columns("lifecycle.staffproposal", "user", "address"),
        reason="Erased with the account; the journal records who proposed and who confirmed.",
        kept=KEPT,
        rows=lambda people: StaffProposal.objects.filter(user__in=people.ids),
        shown=(
            "act",
            "reason",
            "channel",
            "received_on",
            "address",
            "note",
            "proposed_at",
            "decided_at",
            "outcome",
        ),
    ),
    "lifecycle.proposed_by": describe_staff_acts(
        "Actes que vous avez proposés", StaffProposal, "proposed_by", "proposed_at", "act"
    ),
    "lifecycle.decided_by": describe_staff_acts(
        "Actes dont vous avez décidé", StaffProposal, "decided_by", "decided_at", "act"
    ),
    "lifecycle.review": PersonalData(
        title="Revues de votre compte",
        columns=("lifecycle.review.user",),
        reason="Erased with the account; the journal records the review.",
        kept=KEPT,
        rows=lambda people: Review.objects.filter(user__in=people.ids),
        shown=("kind", "at"),
    ),
    "lifecycle.reviewed_by": describe_staff_acts(
        "Comptes dont vous avez fait la revue", Review, "by", "at"
    ),
    "lifecycle.reminder": PersonalData(
        title="Rappel de votre inscription inachevée",
        columns=("lifecycle.reminder.user",),
        reason="Erased with the account.",
        kept=KEPT_PENDING,
        rows=lambda people: Reminder.objects.filter(user__in=people.ids),
        shown=("queued_at",),
    ),
    "lifecycle.ledger": PersonalData(
        title="Registre\u00a0: ce qui a été fait de votre compte",
        columns=("lifecycle.ledgerentry.reference",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason="A keyed hash, acts, dates and codes; kept three years.",
        kept=KEPT_LEDGER,
        rows=_select_ledger_entries,
        shown=("at", "line", "cause", "anchor", "last_day"),
    ),
    "lifecycle.ledger_acts": PersonalData(
        title="Registre\u00a0: ce que vous avez fait de comptes",
        columns=("lifecycle.ledgerentry.actor",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=STAFF_ACTS,
        kept=KEPT_LEDGER,
        rows=_select_ledger_acts,
        shown=("at", "line"),
    ),
}
