"""What the platforms' API keeps: its feed of changes and its tokens."""

from datetime import datetime

from django.db import models


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def not_revoked(self) -> "ApiTokenQuerySet":
        return self.filter(revoked_at__isnull=True)

    def valid(self, now: datetime) -> "ApiTokenQuerySet":
        return self.not_revoked().filter(expires_at__gt=now)


class ApiToken(models.Model):
    """A platform's key to the API: shown once, kept as a hash, ended by its date or by staff."""

    platform = models.ForeignKey(
        "habilitations.Platform",
        verbose_name="plateforme",
        on_delete=models.CASCADE,
        related_name="+",
    )
    label = models.CharField("usage", max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    tail = models.CharField("fin du jeton", max_length=6, editable=False)
    scopes = models.JSONField("droits", default=list)  # codes of `Scope`
    created_at = models.DateTimeField("créé le")
    created_by = models.UUIDField("créé par", null=True, blank=True)
    expires_at = models.DateTimeField("expire le")
    warned_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)
    last_used_at = models.DateTimeField("dernière utilisation", null=True, blank=True)
    window = models.PositiveBigIntegerField(default=0, editable=False)  # minutes since 1970
    window_count = models.PositiveIntegerField(default=0, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "jeton d’API"
        verbose_name_plural = "jetons d’API"
        ordering = ("platform", "-created_at")

    def __str__(self) -> str:
        return f"{self.platform} – {self.label} (…{self.tail})"
