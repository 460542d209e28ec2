"""The purge of old invitations."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from mgestion.outbox.models import Mail
from mgestion.personal_data import delete_rows
from registrations.invitations.flows import INVITATION_MAIL
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.requests.models import Request

_BATCH: Final = 1000


def purge_old_invitations(now: datetime) -> dict[str, int]:
    """Delete the invitations whose last day, or whose end before it, is longer ago than
    RETENTION["invitations"], with what their mails said. An invitation that is the evidence of a
    request is kept as long as the request.
    """
    before = now - settings.RETENTION["invitations"]
    over = Q(closed_at__lt=before) | Q(status=InvitationStatus.PENDING, expires_at__lt=before)
    old = Invitation.objects.filter(
        over, ~Exists(Request.objects.filter(invitation=OuterRef("pk")))
    )
    ids = list(old.order_by("expires_at").values_list("pk", flat=True)[:_BATCH])
    if ids:
        Mail.objects.filter(kind=INVITATION_MAIL, subject_id__in=ids).delete()  # with its bounces
        # Asked again in the statement: a request may just have come of one of them.
        delete_rows(old.filter(pk__in=ids))
    return {"invitations": len(ids)}
