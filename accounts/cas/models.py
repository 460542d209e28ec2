"""Tickets given to platforms, and the logouts that are told to them."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class GrantingTicket(models.Model):
    """What a platform that may proxy asks for tickets with, in a person's name.

    Good as often as it is shown, while the session lives that it was given in (P7). Only its hash
    is kept.
    """

    digest = models.CharField(max_length=64, unique=True)
    platform = models.ForeignKey(
        "habilitations.Platform", on_delete=models.CASCADE, related_name="+"
    )
    session = models.ForeignKey("entry.SessionRecord", on_delete=models.CASCADE, related_name="+")
    # The one whose proxy ticket it was got with: a platform behind another one.
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="+")
    url = models.CharField("adresse de rappel", max_length=2000)
    issued_at = models.DateTimeField("émis le")

    class Meta:
        verbose_name = "ticket de mandataire"
        verbose_name_plural = "tickets de mandataire"

    def __str__(self) -> str:
        return f"{self.platform} {self.issued_at:%Y-%m-%d %H:%M}"


class Ticket(models.Model):
    """A service ticket: one person, one platform, one address, one attempt. With
    `granting`, a proxy ticket: the platform behind it asked, not the person's browser.

    Until it is consumed only its hash is kept (T6). Single logout must name it later, so that a
    validated ticket is kept in clear until its session ends (O15): it opens nothing any more.
    """

    digest = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    clear = models.CharField(max_length=64, blank=True)  # validated, and its session not ended yet
    tail = models.CharField("fin du ticket", max_length=6)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    platform = models.ForeignKey(
        "habilitations.Platform",
        verbose_name="plateforme",
        on_delete=models.CASCADE,
        related_name="+",
    )
    session = models.ForeignKey("entry.SessionRecord", on_delete=models.CASCADE, related_name="+")
    granting = models.ForeignKey(
        GrantingTicket, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    service = models.CharField("adresse de service", max_length=2000)
    authenticated_at = models.DateTimeField("authentifiée le")  # when its session began
    new_login = models.BooleanField(default=False)  # credentials were just given
    issued_at = models.DateTimeField("émis le")
    expires_at = models.DateTimeField("expire le")
    consumed_at = models.DateTimeField("consommé le", null=True, blank=True)

    class Meta:
        verbose_name = "ticket"
        verbose_name_plural = "tickets"
        indexes = [
            # The sweep of single logout reads these and no others.
            models.Index(fields=["session"], condition=~Q(clear=""), name="ticket_to_log_out"),
            models.Index(fields=["issued_at"], name="ticket_issued_at"),
            # Few tickets are a proxy's: the others need not pay for the key.
            models.Index(
                fields=["granting"],
                condition=Q(granting__isnull=False),
                name="ticket_of_proxy",
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.tail}"


class LogoutStatus(models.TextChoices):
    QUEUED = "queued", "à envoyer"
    DONE = "done", "reçue"
    FAILED = "failed", "abandonnée"


class LogoutDelivery(models.Model):
    """A platform to be told that a session of its visitor ended; the log of how it went.

    It names no person, so that it outlives the account: a deletion is told too.
    """

    platform = models.ForeignKey(
        "habilitations.Platform",
        verbose_name="plateforme",
        on_delete=models.CASCADE,
        related_name="+",
    )
    url = models.CharField("adresse", max_length=2000)
    session_index = models.CharField(max_length=64, blank=True)  # the ticket, until it is told
    tail = models.CharField("fin du ticket", max_length=6)
    reason = models.CharField("motif", max_length=20)
    status = models.CharField(
        "état", max_length=8, choices=LogoutStatus.choices, default=LogoutStatus.QUEUED
    )
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_at = models.DateTimeField("prochain essai")
    leased_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField("à dire depuis")
    settled_at = models.DateTimeField("réglée le", null=True, blank=True)
    answer = models.CharField("réponse", max_length=120, blank=True)

    class Meta:
        verbose_name = "déconnexion transmise"
        verbose_name_plural = "déconnexions transmises"
        ordering = ("-id",)
        indexes = [
            # What is due on one platform, however much waits for another one.
            models.Index(
                fields=["platform", "next_at"],
                condition=Q(status="queued"),
                name="logout_due_by_lane",
            ),
            models.Index(fields=["platform", "-id"], name="logout_by_platform"),
            models.Index(fields=["queued_at"], name="logout_queued_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=LogoutStatus.values), name="logout_status_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform} …{self.tail}"


class LogoutLane(models.Model):
    """How a platform takes the logouts that it is told: how often in a row it let the time run out,
    and until when it is left alone because of that. A platform without a row has always answered.
    """

    platform = models.OneToOneField(
        "habilitations.Platform",
        verbose_name="plateforme",
        on_delete=models.CASCADE,
        related_name="+",
        primary_key=True,
    )
    timeouts = models.PositiveIntegerField("délais dépassés de suite", default=0)
    paused_until = models.DateTimeField("en pause jusqu’au", null=True, blank=True)
    last_timeout_at = models.DateTimeField("dernier délai dépassé", null=True, blank=True)

    class Meta:
        verbose_name = "plateforme qui ne répond pas"
        verbose_name_plural = "plateformes qui ne répondent pas"
        ordering = ("-timeouts", "platform")

    def __str__(self) -> str:
        return str(self.platform)
