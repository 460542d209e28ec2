"""The admin of registrations: the review queue and its decision page, the refusal reasons, the
document request templates and the access reviews.
"""

from registrations.desk.queue.admin import RequestAdmin
from registrations.establishments.admin import AccessReviewAdmin
from registrations.reference.admin import AskingTemplateAdmin, RefusalReasonAdmin

__all__ = ["AccessReviewAdmin", "AskingTemplateAdmin", "RefusalReasonAdmin", "RequestAdmin"]
