"""What the desk keeps beside the request: suspended accesses, and who reads what."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.habilitations.models import Access
from registrations.models.request import Request


class AccessSuspension(models.Model):
    """An access that the desk suspended, on its platform only (R110).

    The access is ended, so that every reader of accesses refuses it at once; lifting the suspension
    grants it anew. `reason` is what the person was told.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="suspensions")
    access = models.ForeignKey(
        Access, verbose_name="accès", on_delete=models.CASCADE, related_name="+"
    )
    reason = models.TextField("motif")
    suspended_at = models.DateTimeField("suspendu le")
    suspended_by = models.UUIDField("suspendu par", null=True, blank=True)
    lifted_at = models.DateTimeField("levé le", null=True, blank=True)
    lifted_by = models.UUIDField("levé par", null=True, blank=True)

    class Meta:
        verbose_name = "suspension d’accès"
        verbose_name_plural = "suspensions d’accès"
        ordering = ("suspended_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(lifted_at__isnull=True),
                name="access_suspended_once",
                violation_error_message="Cet accès est déjà suspendu.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.access} {self.suspended_at:%Y-%m-%d}"


class Presence(models.Model):
    """An agent has a request on his screen; a row older than a minute says nothing any more."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "présence"
        verbose_name_plural = "présences"
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.seen_at:%H:%M:%S}"
