"""Inventory of personal data: the messages about a request, of its author and of the agents."""

from django.db.models import QuerySet

from accounts.personal_data import KEPT_STAFF, STAFF_ACTS
from mgestion.personal_data import DataSubjects, ErasurePolicy, ErasureStage, PersonalData
from registrations.conversation.models import RequestMessage
from registrations.personal_data.requests import KEPT


def _select_messages(people: DataSubjects) -> QuerySet[RequestMessage]:
    """Of both sides: a reply quotes what it answers."""
    return RequestMessage.objects.filter(request__user__in=people.ids).select_related("request")


ENTRIES = {
    "registrations.message": PersonalData(
        title="Vos échanges avec nos équipes au sujet de vos demandes",
        columns=("registrations.requestmessage.request", "registrations.upload.message"),
        policy=ErasurePolicy.DELETE,
        reason="Messages of both sides go with the request; their files are deleted before.",
        kept=KEPT,
        rows=_select_messages,
        shown=(
            ("Demande", lambda message: message.request.reference),
            "sent_at",
            ("Écrit par", lambda message: "OPCO Mobilités" if message.by_staff else "Vous"),
            "text",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.message_by": PersonalData(
        title="Les messages que vous avez écrits aux demandeurs",
        columns=("registrations.requestmessage.written_by",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=STAFF_ACTS,
        kept=KEPT_STAFF,
        rows=lambda people: RequestMessage.objects.filter(written_by__in=people.public_ids),
        shown=("sent_at",),
    ),
}
