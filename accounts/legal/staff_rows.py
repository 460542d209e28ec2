"""Versions of the terms, acceptances and questions about them among the staff pages."""

from django.db.models import Q

from accounts.legal.models import TermsAcceptance, TermsRequest, TermsVersion
from mgestion.admin.related_rows import RelatedRows
from mgestion.admin.row_kinds import RowKind
from mgestion.text.dates import numeric_moment

_VERSION = RowKind(
    model=TermsVersion,
    title="Version des conditions",
    keys=("slug",),
    select_related=("platform",),
    order=("-effective_at", "-pk"),
)
KINDS = {
    "terms": _VERSION,
    "conditions": _VERSION,
    "terms_acceptance": RowKind(
        model=TermsAcceptance,
        title="Acceptations des conditions",
        name=lambda row: str(row.version),
        facts=lambda row: (
            f"{row.user}, {numeric_moment(row.accepted_at)}, {row.get_where_display()}"
        ),
        select_related=("version__platform", "user"),
        order=("-accepted_at", "-pk"),
        journaled=False,
    ),
    "terms_request": RowKind(
        model=TermsRequest,
        title="Demandes de version des conditions",
        keys=("id",),
        order=("-created_at", "pk"),
    ),
}
RELATIONS = (
    RelatedRows(of="account", kind="terms_acceptance", where=lambda user: Q(user=user)),
    RelatedRows(of="account", kind="terms_request", where=lambda user: Q(email_key=user.email_key)),
    RelatedRows(
        of="terms_acceptance",
        kind="account",
        title="Compte",
        where=lambda row: Q(pk=row.user_id),
    ),
    RelatedRows(
        of="terms_acceptance",
        kind="terms",
        title="Version acceptée",
        where=lambda row: Q(pk=row.version_id),
    ),
)
