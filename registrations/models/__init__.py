"""The room's tables, by subject."""

from registrations.models.asking import Asking, Upload
from registrations.models.company import CompanyCheck
from registrations.models.desk import AccessSuspension, Presence
from registrations.models.request import RefusalReason, Request, RequestEvent

__all__ = [
    "AccessSuspension",
    "Asking",
    "CompanyCheck",
    "Presence",
    "RefusalReason",
    "Request",
    "RequestEvent",
    "Upload",
]
