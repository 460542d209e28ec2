"""Inventory of personal data: invitations, access reviews, mails that name a colleague."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.habilitations.personal_data import list_readers_beside, select_mails_about_accesses
from accounts.personal_data import KEPT_STAFF
from mgestion.outbox.flows import FORGOTTEN_FIELDS
from mgestion.outbox.models import Mail
from mgestion.outbox.personal_data import KEPT as KEPT_MAILS
from mgestion.personal_data import (
    DataSubjects,
    ErasurePolicy,
    ErasureStage,
    PersonalData,
    RetentionLine,
    delete_rows,
    describe_acts,
    format_retention,
    select_rows,
)
from registrations.accesses.leave_flows import COLLEAGUE_LEFT_MAIL
from registrations.establishments.models import ReviewAnswer
from registrations.establishments.role_flows import COLLEAGUE_CHANGED_MAIL, ROLE_CHANGED_MAIL
from registrations.invitations.flows import INVITATION_MAIL
from registrations.invitations.models import Invitation
from registrations.personal_data.requests import KEPT
from registrations.requests.models import Request

_KEPT_INVITATIONS = RetentionLine(
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


def _select_mails_naming(people: DataSubjects) -> QuerySet[Mail]:
    """To administrators, that these people left or got another role; to colleagues, that these
    people gave them one.
    """
    by = Q(
        kind__in=(ROLE_CHANGED_MAIL, COLLEAGUE_CHANGED_MAIL),
        data__by__in=[str(public_id) for public_id in people.public_ids],
    )
    return select_mails_about_accesses(
        people,
        (COLLEAGUE_LEFT_MAIL, COLLEAGUE_CHANGED_MAIL),
        readers=list_readers_beside(people),
        more=by,
    )


def _forget_mails_naming(people: DataSubjects, now: datetime) -> int:
    """The mails are their readers': what they said is forgotten, that they were sent is not."""
    return _select_mails_naming(people).update(**FORGOTTEN_FIELDS)


ENTRIES = {
    "registrations.invitation": PersonalData(
        title="Les invitations que votre adresse a reçues",
        columns=(
            "registrations.invitation.email",
            "registrations.invitation.email_key",
            "registrations.request.invitation",
        ),
        reason="An address that no request or account stands for any more.",
        kept=_KEPT_INVITATIONS,
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
    "registrations.review_answer": PersonalData(
        title="Ce qui a été répondu de votre compte dans les revues des accès",
        columns=("registrations.reviewanswer.user",),
        reason="Says something of the account only; goes with it.",
        kept=KEPT,
        rows=select_rows(ReviewAnswer, "user", "review__establishment"),
        shown=(
            ("Établissement", lambda answer: answer.review.establishment.name),
            "answered_at",
            "choice",
            "role",
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "registrations.review_answered_by": describe_acts(
        "Vos réponses dans les revues des accès",
        ReviewAnswer,
        "answered_by",
        "answered_at",
        "choice",
        reason="Who answered for a colleague is shown to the next administrator, by reference.",
        kept=KEPT_STAFF,
    ),
    "registrations.announcements": PersonalData(
        title="E-mails qui ont dit à d’autres votre départ ou un changement de rôle",
        policy=ErasurePolicy.ANONYMISE,
        reason="The mail is its reader's; what it says of the person is forgotten.",
        kept=KEPT_MAILS,
        rows=_select_mails_naming,
        shown=("created_at", "accepted_at"),
        stage=ErasureStage.THROUGH_OTHERS,
        erase=_forget_mails_naming,
    ),
}
