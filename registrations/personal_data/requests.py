"""Inventory of personal data: requests, and what is written and sent about them."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.personal_data import KEPT_STAFF, STAFF_ACTS, describe_staff_acts
from mgestion.database.append_only import purge_window
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    RetentionLine,
    delete_rows,
    name_columns,
    select_rows,
)
from registrations.conversation.models import RequestMessage
from registrations.desk.opinions.models import Opinion
from registrations.desk.reminders.models import UndeliveredMail
from registrations.requests.models import Request, RequestEvent
from registrations.search.models import RequestWord

KEPT = RetentionLine(
    11,
    "Demandes d’accès",
    lambda: "Autant que le compte",
    "Justifier les accès donnés",
)


def _select_events(people: DataSubjects) -> QuerySet[RequestEvent]:
    return RequestEvent.objects.filter(request__user__in=people.ids).select_related("request")


def _erase_events(people: DataSubjects, now: datetime) -> int:
    """The history is append-only in the database, except for an erasure."""
    with purge_window():
        return delete_rows(_select_events(people))


def _describe_note(event: RequestEvent) -> str:
    """Internal notes are not exported: a person asks the DPO for them."""
    return "Conservée\u202f; communiquée sur demande au DPO" if event.internal_note else ""


def _select_assigned(people: DataSubjects) -> QuerySet[Request]:
    return Request.objects.filter(assignee__in=people.ids)


def _release_assigned(people: DataSubjects, now: datetime) -> int:
    return _select_assigned(people).update(assignee=None)


_REQUEST_SHOWN: tuple[Any, ...] = (
    "reference",
    "platform",
    "origin",
    "last_name",
    "first_name",
    "phone",
    "company_name",
    "siret",
    "kind",
    "department",
    "branch",
    "profile",
    "asked_role",
    "service",
    "declared_at",
    "delegation",
    "dga",
    "status",
    "submitted_at",
    "due_at",
    "decided_at",
    "granted_role",
    "refusal_reason",
    "decision_text",
    "establishment",
    ("Fait suite à", lambda request: request.resubmission_of and request.resubmission_of.reference),
)


ENTRIES = {
    "registrations.request": PersonalData(
        title="Vos demandes d’accès",
        columns=name_columns(
            "registrations.request",
            "user",
            "resubmission_of",
            "last_name",
            "first_name",
            "phone",
            "service",
            "email_key",
            "name_key",
            "email_domain",
        ),
        reason="Requests are kept as long as the account.",
        kept=KEPT,
        rows=select_rows(
            Request,
            "user",
            "platform",
            "department",
            "branch",
            "profile",
            "delegation",
            "dga",
            "refusal_reason",
            "establishment",
            "resubmission_of",
        ),
        shown=_REQUEST_SHOWN,
    ),
    "registrations.event": PersonalData(
        title="L’historique de vos demandes",
        columns=("registrations.requestevent.request",),
        reason="History and its free texts go with the request.",
        kept=KEPT,
        rows=_select_events,
        shown=(
            ("Demande", lambda event: event.request.reference),
            "at",
            "act",
            "by_staff",
            "text",
            ("Note interne", _describe_note),
        ),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=_erase_events,
    ),
    "registrations.words": PersonalData(
        title="Les mots par lesquels nos équipes retrouvent vos demandes",
        columns=name_columns("registrations.requestword", "request", "word"),
        reason="Made of the request's own answers, and goes with it.",
        kept=KEPT,
        rows=select_rows(RequestWord, "request__user", "request"),
        shown=(("Demande", lambda row: row.request.reference), "word"),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.undelivered": PersonalData(
        title="Les e-mails qui n’ont pas pu vous être remis",
        columns=name_columns("registrations.undeliveredmail", "request", "mail"),
        reason="Goes with the request.",
        kept=KEPT,
        rows=select_rows(UndeliveredMail, "request__user", "request"),
        shown=(
            ("Demande", lambda row: row.request.reference),
            "found_at",
            "closed_at",
            "outcome",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.undelivered_by": describe_staff_acts(
        "Les e-mails non remis que vous avez réglés",
        UndeliveredMail,
        "closed_by",
        "closed_at",
        "outcome",
    ),
    "registrations.assignee": PersonalData(
        title="Demandes que vous avez prises en charge",
        columns=("registrations.request.assignee",),
        policy=ErasurePolicy.ANONYMISE,
        reason="The request is the applicant's, and goes back in the queue.",
        kept=KEPT_STAFF,
        rows=_select_assigned,
        shown=("submitted_at", "status"),
        erase=_release_assigned,
    ),
    "registrations.decided_by": describe_staff_acts(
        "Demandes que vous avez décidées", Request, "decided_by", "decided_at", "status"
    ),
    "registrations.acted": PersonalData(
        title="Vos actes sur les demandes d’autres personnes",
        columns=("registrations.requestevent.actor",),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=STAFF_ACTS,
        kept=KEPT_STAFF,
        rows=lambda people: RequestEvent.objects.filter(actor__in=people.public_ids).exclude(
            request__user__in=people.ids
        ),
        shown=("at", "act"),
    ),
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
    "registrations.opinion": PersonalData(
        title="Les avis demandés sur vos demandes",
        columns=("registrations.opinion.request",),
        reason="Question and answer go with the request.",
        kept=KEPT,
        rows=select_rows(Opinion, "request__user", "request"),
        shown=(
            ("Demande", lambda opinion: opinion.request.reference),
            "asked_at",
            ("Texte", lambda opinion: "Conservé\u202f; communiqué sur demande au DPO"),
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.opinion_asked_of": PersonalData(
        title="Les avis demandés ou donnés par vous",
        columns=name_columns("registrations.opinion", "person", "asked_by", "answered_by"),
        policy=ErasurePolicy.KEEP_PSEUDONYMOUS,
        reason=STAFF_ACTS,
        kept=KEPT_STAFF,
        rows=lambda people: (
            Opinion.objects.filter(person__in=people.public_ids)
            | Opinion.objects.filter(asked_by__in=people.public_ids)
            | Opinion.objects.filter(answered_by__in=people.public_ids)
        ),
        shown=("asked_at", "verdict", "closed_at"),
    ),
}
