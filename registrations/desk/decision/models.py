"""Agents who have a decision page open."""

from django.conf import settings
from django.db import models

from registrations.requests.models import Request


class Presence(models.Model):
    """An agent has the decision page open; a row older than a minute is stale."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "présence"
        verbose_name_plural = "présences"
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.seen_at:%H:%M:%S}"
