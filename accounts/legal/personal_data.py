"""Acceptances of the terms and requests for an old version, as data about a person."""

from django.db.models import QuerySet

from accounts.legal.models import TermsAcceptance, TermsRequest, TermsWithdrawal
from accounts.legal.terms import request_flows
from accounts.personal_data import KEPT_STAFF, STAFF_ACTS, describe_staff_acts
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    PersonalData,
    RetentionLine,
    name_columns,
    retention_text,
    select_rows,
)

KEPT = RetentionLine(
    12,
    "Acceptations des conditions d’utilisation",
    lambda: "Autant que le compte",
    "Prouver que vous les avez acceptées",
)
KEPT_REQUESTS = RetentionLine(
    55,
    "Demande d’une version des conditions d’utilisation",
    retention_text("terms_requests"),
    "Vous répondre, et savoir ce qui vous a été envoyé",
)


def _select_terms_requests(people: DataSubjects) -> QuerySet[TermsRequest]:
    rows = TermsRequest.objects.filter(email_key__in=people.addresses)
    return rows.select_related("platform", "version__platform")


ENTRIES = {
    "legal.acceptance": PersonalData(
        title="Conditions d’utilisation acceptées",
        columns=name_columns("legal.termsacceptance", "user", "digest"),
        reason="Only the ledger and the journal outlive the account.",
        kept=KEPT,
        rows=select_rows(TermsAcceptance, "user", "version__platform"),
        shown=("version", "where", "accepted_at", "digest"),
    ),
    "legal.terms_request": PersonalData(
        title="Versions des conditions d’utilisation que vous avez demandées",
        columns=name_columns("legal.termsrequest", "email", "email_key"),
        reason="An address in clear.",
        kept=KEPT_REQUESTS,
        rows=_select_terms_requests,
        shown=("email", "platform", "asked", "created_at", "version", "answer", "answered_at"),
        erase=lambda people, now: request_flows.delete_terms_requests(
            _select_terms_requests(people)
        ),
    ),
    "legal.terms_withdrawn_by": PersonalData(
        title="Versions des conditions d’utilisation que vous avez retirées",
        columns=("legal.termswithdrawal.withdrawn_by",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=STAFF_ACTS,
        kept=KEPT_STAFF,
        rows=lambda people: TermsWithdrawal.objects.filter(
            withdrawn_by__in=people.public_ids
        ).select_related("version__platform"),
        shown=("withdrawn_at", "version"),
    ),
    "legal.terms_request_by": describe_staff_acts(
        "Versions des conditions d’utilisation que vous avez envoyées",
        TermsRequest,
        "answered_by",
        "answered_at",
    ),
}
