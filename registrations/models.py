"""The tables of registrations, for Django and the admin."""

from registrations.conversation.models import RequestMessage
from registrations.desk.decision.models import Presence
from registrations.desk.opinions.models import Opinion
from registrations.desk.queue.models import SavedView
from registrations.desk.reminders.models import UndeliveredMail
from registrations.directory.models import CompanyCheck, DirectoryAnswer, DirectoryCircuit
from registrations.establishments.models import AccessReview, ReviewAnswer
from registrations.evidence.models import HintFigure, KnownContact
from registrations.invitations.models import Invitation
from registrations.promise.models import ResponseTime
from registrations.requests.document_models import Asking, AskingTemplate, Upload
from registrations.requests.models import RefusalReason, Request, RequestEvent
from registrations.search.models import RequestWord

__all__ = [
    "AccessReview",
    "Asking",
    "AskingTemplate",
    "CompanyCheck",
    "DirectoryAnswer",
    "DirectoryCircuit",
    "HintFigure",
    "Invitation",
    "KnownContact",
    "Opinion",
    "Presence",
    "RefusalReason",
    "Request",
    "RequestEvent",
    "RequestMessage",
    "RequestWord",
    "ResponseTime",
    "ReviewAnswer",
    "SavedView",
    "UndeliveredMail",
    "Upload",
]
