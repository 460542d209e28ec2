"""The admin of registrations: the review queue and its decision page, the refusal reasons, the
document request templates, the access reviews and the invitations.
"""

from registrations.desk.queue.admin import RequestAdmin
from registrations.establishments.admin import AccessReviewAdmin
from registrations.invitations.admin import InvitationAdmin
from registrations.reference.admin import AskingTemplateAdmin, RefusalReasonAdmin

__all__ = [
    "AccessReviewAdmin",
    "AskingTemplateAdmin",
    "InvitationAdmin",
    "RefusalReasonAdmin",
    "RequestAdmin",
]
