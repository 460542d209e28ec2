"""Inventory of personal data: invitations, of whom they invite and of who invites."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.personal_data import KEPT_STAFF
from mgestion.outbox.flows import FORGOTTEN_FIELDS
from mgestion.outbox.models import Mail
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    PersonalData,
    RetentionLine,
    delete_rows,
    format_retention,
)
from registrations.invitations.flows import INVITATION_MAIL
from registrations.invitations.models import Invitation
from registrations.requests.models import Request

KEPT = RetentionLine(
    12,
    "Invitations d’un administrateur d’établissement",
    lambda: (
        f"{format_retention('invitations')} après leur dernier jour\u202f; autant que la "
        "demande qui en est née"
    ),
    "Montrer sur quelle invitation une demande a été faite",
)


def _select_invitations_of_invited(people: DataSubjects) -> QuerySet[Invitation]:
    """By address; those behind a request too, whose account has changed its address since."""
    behind = Request.objects.filter(user__in=people.ids, invitation__isnull=False)
    return Invitation.objects.filter(
        Q(email_key__in=people.addresses) | Q(pk__in=behind.values("invitation"))
    ).select_related("establishment", "platform")


def _erase_invitations(people: DataSubjects, now: datetime) -> int:
    """With what their mails said: those name no account."""
    ids = list(_select_invitations_of_invited(people).values_list("pk", flat=True))
    if not ids:
        return 0
    Mail.objects.filter(kind=INVITATION_MAIL, subject_id__in=ids).delete()  # with its bounces
    Request.objects.filter(invitation__in=ids).update(invitation=None)
    return delete_rows(Invitation.objects.filter(pk__in=ids))


def _select_sent(people: DataSubjects) -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(invited_by__in=people.ids)
    return rows.select_related("establishment", "platform")


def _forget_inviter(people: DataSubjects, now: datetime) -> int:
    """Their mails named who invites."""
    ids = list(_select_sent(people).values_list("pk", flat=True))
    if not ids:
        return 0
    Mail.objects.filter(kind=INVITATION_MAIL, subject_id__in=ids).update(**FORGOTTEN_FIELDS)
    return Invitation.objects.filter(pk__in=ids).update(invited_by=None)


ENTRIES = {
    "registrations.invitation": PersonalData(
        title="Les invitations que votre adresse a reçues",
        columns=(
            "registrations.invitation.email",
            "registrations.invitation.email_key",
            "registrations.request.invitation",
        ),
        reason="An address that no request or account stands for any more.",
        kept=KEPT,
        rows=_select_invitations_of_invited,
        shown=("email", "establishment", "platform", "role", "invited_at", "status", "closed_at"),
        erase=_erase_invitations,
    ),
    "registrations.invitation_by": PersonalData(
        title="Les invitations que vous avez envoyées",
        columns=("registrations.invitation.invited_by",),
        policy=ErasurePolicy.ANONYMISE,
        reason="The invitation is the colleague's; it stays without who sent it.",
        kept=KEPT_STAFF,
        rows=_select_sent,
        shown=("establishment", "platform", "role", "invited_at", "status"),
        erase=_forget_inviter,
    ),
}
