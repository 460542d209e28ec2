"""Which branch the enrolment form proposes for an establishment of the company directory."""

from collections.abc import Iterable, Sequence

from accounts.habilitations.reference.models import BranchProposal, ProposalCriterion

_DIGITS = 4  # of a class; the letter after it differs between the nomenclatures


def choose_proposal(
    proposals: Iterable[BranchProposal], *, activity: str, conventions: Sequence[str]
) -> BranchProposal | None:
    """The collective agreement counts before the activity. Agreements of several branches, or an
    agreement that no row knows, leave the activity to say it. Pure.
    """
    rows = list(proposals)
    agreed = [
        row
        for row in rows
        if row.criterion == ProposalCriterion.CONVENTION and row.code in conventions
    ]
    if len({row.branch_id for row in agreed}) == 1:
        return min(agreed, key=lambda row: row.code)
    return find_activity_row(rows, activity)


def find_activity_row(proposals: Iterable[BranchProposal], activity: str) -> BranchProposal | None:
    """The longest code that `activity` begins with. Pure."""
    naf = strip_activity(activity)
    rows = [
        row
        for row in proposals
        if row.criterion == ProposalCriterion.ACTIVITY and naf.startswith(row.code)
    ]
    return max(rows, key=lambda row: len(row.code), default=None)


def load_proposals(
    activities: Iterable[str], conventions: Iterable[Sequence[str]]
) -> list[BranchProposal]:
    """What may be proposed for establishments of these activities and agreements: branches that
    the form offers. One query.
    """
    codes = {code for listed in conventions for code in listed}
    for naf in map(strip_activity, activities):
        codes |= {naf[:length] for length in range(2, len(naf) + 1)}
    found = BranchProposal.objects.filter(code__in=codes, branch__selectable=True)
    return list(found.select_related("branch"))


def strip_activity(activity: str) -> str:
    """« 45.20A » as « 4520A »."""
    return "".join(char for char in activity if char.isalnum()).upper()[: _DIGITS + 1]
