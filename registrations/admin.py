"""The admin of registrations: the review queue and its decision page, the refusal reasons, the
document request templates, the access reviews, the invitations and the known contacts.
"""

from registrations.desk.queue.admin import RequestAdmin
from registrations.establishments.admin import AccessReviewAdmin
from registrations.evidence.admin import KnownContactAdmin
from registrations.invitations.admin import InvitationAdmin
from registrations.reference.admin import AskingTemplateAdmin, RefusalReasonAdmin

__all__ = [
    "AccessReviewAdmin",
    "AskingTemplateAdmin",
    "InvitationAdmin",
    "KnownContactAdmin",
    "RefusalReasonAdmin",
    "RequestAdmin",
]
