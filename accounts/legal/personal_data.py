"""Acceptances of the terms, as data about a person."""

from accounts.legal.models import TermsAcceptance
from mgestion.personal_data import Kept, PersonalData, Policy

KEPT = Kept(
    12,
    "Acceptations des conditions d’utilisation",
    lambda: "Autant que le compte",
    "Prouver que vous les avez acceptées",
)

ENTRIES = {
    "legal.acceptance": PersonalData(
        title="Conditions d’utilisation acceptées",
        columns=("legal.termsacceptance.user",),
        policy=Policy.DELETE,
        reason="Only the ledger and the journal outlive the account (D29).",
        kept=KEPT,
        rows=lambda people: TermsAcceptance.objects.filter(user__in=people.ids).select_related(
            "version"
        ),
        shown=("version", "where", "accepted_at"),
    )
}
