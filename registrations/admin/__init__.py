"""The review desk, in Django's admin: the queue, the page to decide, the reasons to refuse."""

from registrations.admin.queue import RequestAdmin
from registrations.admin.reference import RefusalReasonAdmin

__all__ = ["RefusalReasonAdmin", "RequestAdmin"]
