"""What the jobs do about awaited documents and files. Each may run late, twice, or be killed."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from registrations.documents import files
from registrations.documents import flows as documents_flows
from registrations.documents.virus_scanner import scan_file
from registrations.requests.document_models import Asking, Upload
from registrations.requests.enums import OPEN_STATUSES, ScanResult

BATCH: Final = 500


def send_document_reminders(now: datetime) -> dict[str, int]:
    """Send the half-way reminders that are due; each is claimed under a lock, once."""
    due = (
        Asking.objects.open()
        .filter(reminded_at__isnull=True, remind_at__lte=now, deadline_at__gt=now)
        .order_by("remind_at")
    )
    ids = list(due.values_list("request_id", flat=True)[:BATCH])
    return {
        "reminded": sum(documents_flows.remind_applicant(request_id, now=now) for request_id in ids)
    }


def scan_pending_files(now: datetime) -> dict[str, int]:
    """Scan the files that the antivirus did not answer about. The bytes of an infected file are
    deleted; its row stays, so that agents see why."""
    counts = {"scanned": 0, "infected": 0}
    for upload in Upload.objects.filter(scan=ScanResult.PENDING).order_by("received_at")[:BATCH]:
        path = files.get_stored_path(upload.stored)
        found = scan_file(path) if path.exists() else ScanResult.PENDING
        if found == ScanResult.PENDING:
            continue
        with transaction.atomic():
            Upload.objects.filter(pk=upload.pk, scan=ScanResult.PENDING).update(scan=found)
            if found == ScanResult.INFECTED:
                files.delete_files_after_commit([upload.stored])
        counts["infected" if found == ScanResult.INFECTED else "scanned"] += 1
    return counts


def purge_expired_files(now: datetime) -> dict[str, int]:
    """Delete files three months after the decision or the withdrawal of the request, and
    files that a crash left without a row. A file received after the decision is kept three months
    from its arrival."""
    before = now - settings.RETENTION["uploads"]
    over = Upload.objects.filter(received_at__lt=before).exclude(request__status__in=OPEN_STATUSES)
    over = over.exclude(request__decided_at__gte=before)
    removed = 0
    while True:
        with transaction.atomic():
            rows = list(over.order_by("pk").values_list("pk", "stored")[:BATCH])
            files.delete_files_after_commit([stored for _, stored in rows])
            Upload.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
        removed += len(rows)
        if len(rows) < BATCH:
            break
    return {"files": removed, "orphans": files.delete_orphan_files(now)}
