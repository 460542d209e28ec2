"""The lifecycle in Django's admin: runs and what comes, cases, holds, the ledger, one account,
the reviews."""

from lifecycle.desk.lists import CaseAdmin, HoldAdmin, LedgerAdmin, RunAdmin
from lifecycle.desk.proposals import ProposalAdmin
from lifecycle.desk.reviews import ReviewAdmin

__all__ = ["CaseAdmin", "HoldAdmin", "LedgerAdmin", "ProposalAdmin", "ReviewAdmin", "RunAdmin"]
