"""The room's tables, by subject."""

from registrations.models.asking import Asking, Upload
from registrations.models.company import CompanyCheck
from registrations.models.desk import Presence
from registrations.models.request import RefusalReason, Request, RequestEvent

__all__ = [
    "Asking",
    "CompanyCheck",
    "Presence",
    "RefusalReason",
    "Request",
    "RequestEvent",
    "Upload",
]
