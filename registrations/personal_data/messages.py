"""Inventory of personal data: the messages about a request, of its author and of the agents."""

from accounts.personal_data import describe_staff_acts
from mgestion.personal_data import ErasureStage, PersonalData, select_rows
from registrations.conversation.models import RequestMessage
from registrations.personal_data.requests import KEPT

ENTRIES = {
    "registrations.message": PersonalData(
        title="Vos échanges avec nos équipes au sujet de vos demandes",
        columns=("registrations.requestmessage.request", "registrations.upload.message"),
        reason="Messages of both sides go with the request; their files are deleted before.",
        kept=KEPT,
        # Of both sides: a reply quotes what it answers.
        rows=select_rows(RequestMessage, "request__user", "request"),
        shown=(
            ("Demande", lambda message: message.request.reference),
            "sent_at",
            ("Écrit par", lambda message: "OPCO Mobilités" if message.by_staff else "Vous"),
            "text",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.message_by": describe_staff_acts(
        "Les messages que vous avez écrits aux demandeurs", RequestMessage, "written_by", "sent_at"
    ),
}
