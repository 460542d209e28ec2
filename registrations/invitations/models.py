"""The invitation of a colleague by an administrator of an establishment."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.habilitations.accesses.models import Access, AccessQuerySet, Establishment
from accounts.habilitations.enums import ADMINISTRATOR_ROLES, Role
from accounts.habilitations.platforms.models import Platform
from accounts.habilitations.reference.models import Profile
from accounts.people.enums import Status


class InvitationStatus(models.TextChoices):
    """A pending invitation whose last day has passed is shown as expired (`Invitation.get_state`);
    its row says so once another invitation takes its place.
    """

    PENDING = "pending", "en attente"
    ACCEPTED = "accepted", "acceptée"
    REVOKED = "revoked", "retirée"
    EXPIRED = "expired", "expirée"


class Invitation(models.Model):
    """An address invited to one role on one platform for one establishment.

    Nothing in the row depends on whether the address has an account. `expires_at` is 24:00, Paris
    time, of the last day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(
        Establishment, verbose_name="établissement", on_delete=models.PROTECT, related_name="+"
    )
    platform = models.ForeignKey(
        Platform, verbose_name="plateforme", on_delete=models.PROTECT, related_name="+"
    )
    profile = models.ForeignKey(
        Profile, verbose_name="profil", on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField("rôle proposé", max_length=32, choices=Role.choices)
    email = models.EmailField("adresse invitée", max_length=254)
    email_key = models.CharField(max_length=254, editable=False)
    # Who sent it last, and with which role; empty once that account is erased.
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="invité par",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    inviter_role = models.CharField("en qualité de", max_length=32, choices=Role.choices)
    invited_at = models.DateTimeField("invité le")
    sent_at = models.DateTimeField("envoyée le")
    sendings = models.PositiveSmallIntegerField("envois", default=1)
    expires_at = models.DateTimeField("expire le")
    status = models.CharField(
        "état",
        max_length=10,
        choices=InvitationStatus.choices,
        default=InvitationStatus.PENDING,
    )
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    # The mailed link chooses a password once at most.
    link_used_at = models.DateTimeField("mot de passe choisi le", null=True, blank=True)

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        ordering = ("-invited_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["email_key", "establishment", "platform"],
                condition=Q(status=InvitationStatus.PENDING),
                name="invitation_pending_once",
                violation_error_message="Cette adresse a déjà une invitation en cours.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=InvitationStatus.values)
                & Q(role__in=Role.values)
                & Q(inviter_role__in=Role.values),
                name="invitation_words_known",
            ),
            models.CheckConstraint(
                condition=Q(status=InvitationStatus.PENDING, closed_at__isnull=True)
                | (~Q(status=InvitationStatus.PENDING) & Q(closed_at__isnull=False)),
                name="invitation_closed_iff_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["establishment", "-invited_at"], name="invitation_list"),
            models.Index(fields=["invited_by", "-invited_at"], name="invitation_by_inviter"),
            models.Index(fields=["email_key"], name="invitation_email"),
            models.Index(fields=["expires_at"], name="invitation_age"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} – {self.get_role_display()}, {self.invited_at:%Y-%m-%d}"

    def get_state(self, now: datetime) -> InvitationStatus:
        """The status as it is at `now`."""
        if self.status == InvitationStatus.PENDING and now >= self.expires_at:
            return InvitationStatus.EXPIRED
        return InvitationStatus(self.status)

    def select_signatures(self) -> AccessQuerySet:
        """The open access by which who invited administers that establishment on that platform now;
        none once they do not.
        """
        return Access.objects.open().filter(
            user=self.invited_by_id,
            user__status=Status.ACTIVE,
            establishment=self.establishment_id,
            platform=self.platform_id,
            platform__enabled=True,
            role__in=ADMINISTRATOR_ROLES,
        )

    def may_prove_again(self, now: datetime) -> bool:
        """Whether an accepted invitation may be the evidence of a corrected request too: until its
        last day, and while who invited still administers the establishment there.
        """
        accepted = self.status == InvitationStatus.ACCEPTED and now < self.expires_at
        return accepted and self.select_signatures().exists()
