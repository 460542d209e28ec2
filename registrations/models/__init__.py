"""The room's tables, by subject."""

from registrations.models.asking import Asking, AskingTemplate, Upload
from registrations.models.company import CompanyCheck
from registrations.models.desk import Presence
from registrations.models.request import RefusalReason, Request, RequestEvent
from registrations.models.review import AccessReview, ReviewAnswer
from registrations.models.search import RequestWord
from registrations.models.undelivered import UndeliveredMail

__all__ = [
    "AccessReview",
    "Asking",
    "AskingTemplate",
    "CompanyCheck",
    "Presence",
    "RefusalReason",
    "Request",
    "RequestEvent",
    "RequestWord",
    "ReviewAnswer",
    "UndeliveredMail",
    "Upload",
]
