"""The lifecycle in Django's admin: runs and what comes, cases, holds, the ledger, one account,
the reviews."""

from lifecycle.admin.lists import CaseAdmin, HoldAdmin, LedgerAdmin, RunAdmin
from lifecycle.admin.proposals import ProposalAdmin
from lifecycle.admin.reviews import ReviewAdmin

__all__ = ["CaseAdmin", "HoldAdmin", "LedgerAdmin", "ProposalAdmin", "ReviewAdmin", "RunAdmin"]
