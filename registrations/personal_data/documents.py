"""Inventory of personal data: askings, received files, company lookups, presences."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.personal_data import KEPT_STAFF, describe_staff_acts
from mgestion.personal_data import (
    DataSubjects,
    ErasureStage,
    PersonalData,
    RetentionLine,
    delete_rows,
    name_columns,
    retention_text,
    select_rows,
)
from registrations.desk.decision.models import Presence
from registrations.directory.models import CompanyCheck
from registrations.documents.files import delete_files_after_commit
from registrations.personal_data.requests import KEPT
from registrations.requests.document_models import Asking, Upload

KEPT_FILES = RetentionLine(
    12,
    "Documents que vous nous envoyez",
    retention_text("uploads"),
    "Vérifier vos droits à agir\u202f; comptés après la décision, ou supprimés avec le compte",
)


def _select_uploads(people: DataSubjects) -> QuerySet[Upload]:
    rows = Upload.objects.filter(request__user__in=people.ids)
    return rows.select_related("request", "message")


def _erase_uploads(people: DataSubjects, now: datetime) -> int:
    """Delete the rows, and their files after the commit."""
    rows = _select_uploads(people)
    delete_files_after_commit(rows.values_list("stored", flat=True))
    return delete_rows(rows)


def _select_presences(people: DataSubjects) -> QuerySet[Presence]:
    return Presence.objects.filter(Q(user__in=people.ids) | Q(request__user__in=people.ids))


ENTRIES = {
    "registrations.asking": PersonalData(
        title="Les documents et réponses que nous vous avons demandés",
        columns=("registrations.asking.request",),
        reason="Goes with the request.",
        kept=KEPT,
        rows=select_rows(Asking, "request__user", "request"),
        shown=(
            ("Demande", lambda asking: asking.request.reference),
            "asked_at",
            "message",
            "documents",
            "deadline_at",
            "answered_at",
            "answer",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.company_check": PersonalData(
        title="Ce que le répertoire des entreprises dit de votre établissement",
        columns=name_columns("registrations.companycheck", "request", "address"),
        reason="Goes with the request; the name may be a person's.",
        kept=KEPT,
        rows=select_rows(CompanyCheck, "request__user", "request"),
        shown=(
            ("Demande", lambda check: check.request.reference),
            "siret",
            "state",
            "name",
            "activity",
            "conventions",
            "closed",
            "address",
            "checked_at",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.asked_by": describe_staff_acts(
        "Documents que vous avez demandés", Asking, "asked_by", "asked_at"
    ),
    "registrations.a_upload": PersonalData(
        title="Les documents échangés au sujet de vos demandes",
        columns=name_columns("registrations.upload", "request", "asking"),
        reason="Row and bytes go with the account, or three months after the decision.",
        kept=KEPT_FILES,
        rows=_select_uploads,
        shown=(
            ("Demande", lambda upload: upload.request.reference),
            ("Envoyé par", lambda upload: "OPCO Mobilités" if upload.by_staff else "Vous"),
            "name",
            "kind",
            "size",
            "received_at",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=_erase_uploads,
    ),
    "registrations.presence": PersonalData(
        title="Demandes ouvertes sur un écran à l’instant",
        columns=name_columns("registrations.presence", "user", "request"),
        reason="Says nothing after a minute; swept by a job.",
        kept=KEPT_STAFF,
        rows=_select_presences,
        shown=("seen_at",),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
}
