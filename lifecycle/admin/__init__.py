"""The lifecycle in Django's admin: runs and what comes, cases, holds, the ledger, one account."""

from lifecycle.admin.lists import CaseAdmin, HoldAdmin, LedgerAdmin, RunAdmin

__all__ = ["CaseAdmin", "HoldAdmin", "LedgerAdmin", "RunAdmin"]
