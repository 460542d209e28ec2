"""What the platforms' API keeps: its feed of changes and its tokens."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.habilitations.enums import ChangeKind


class AccessChange(models.Model):
    """One line of a platform's feed: who may do what there has changed (`changes.note`).

    People are UUIDs: a deletion is told after the person is gone. `number` follows the order of
    commits on its platform, without a gap, so that a reader who remembers the last one misses none.
    """

    platform = models.ForeignKey(
        "habilitations.Platform", on_delete=models.CASCADE, related_name="+"
    )
    number = models.PositiveBigIntegerField("numéro")
    kind = models.CharField("nature", max_length=12, choices=ChangeKind.choices)
    person = models.UUIDField("personne")
    access_id = models.BigIntegerField(null=True, blank=True)  # a reference that outlives its row
    # Which access, and what it was at that moment: a platform keeps rights by establishment, and
    # must know which of them ended. Emptied when the person is erased, but for the identifier.
    access_public_id = models.UUIDField("accès", null=True, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    establishment_kind = models.CharField("type d’établissement", max_length=20, blank=True)
    role = models.CharField("rôle", max_length=32, blank=True)
    at = models.DateTimeField("le")

    class Meta:
        verbose_name = "changement d’accès"
        verbose_name_plural = "changements d’accès"
        constraints = [
            models.UniqueConstraint(fields=["platform", "number"], name="access_change_number")
        ]
        indexes = [
            models.Index(fields=["at"], name="access_change_at"),
            # For an erasure, which empties them.
            models.Index(fields=["person"], condition=~Q(siret=""), name="access_change_told"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.number}"


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
