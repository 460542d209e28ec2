"""The review desk, in Django’s admin: the queue, the page to decide, the reasons to refuse, the
reviews of accesses.
"""

from registrations.desk.queue.admin import RequestAdmin
from registrations.establishments.admin import AccessReviewAdmin
from registrations.reference.admin import AskingTemplateAdmin, RefusalReasonAdmin

__all__ = ["AccessReviewAdmin", "AskingTemplateAdmin", "RefusalReasonAdmin", "RequestAdmin"]
