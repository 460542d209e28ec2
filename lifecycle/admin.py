"""The admin classes of the lifecycle."""

from lifecycle.desk.lists import CaseAdmin, HoldAdmin, LedgerAdmin, RunAdmin
from lifecycle.desk.proposals import ProposalAdmin
from lifecycle.desk.reviews import ReviewAdmin

__all__ = ["CaseAdmin", "HoldAdmin", "LedgerAdmin", "ProposalAdmin", "ReviewAdmin", "RunAdmin"]
