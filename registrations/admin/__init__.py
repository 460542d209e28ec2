"""The review desk, in Django’s admin: the queue, the page to decide, the reasons to refuse, the
reviews of accesses.
"""

from registrations.admin.queue import RequestAdmin
from registrations.admin.reference import AskingTemplateAdmin, RefusalReasonAdmin
from registrations.admin.reviews import AccessReviewAdmin

__all__ = ["AccessReviewAdmin", "AskingTemplateAdmin", "RefusalReasonAdmin", "RequestAdmin"]
