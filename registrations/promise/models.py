"""How fast each délégation answered lately, measured by a job and shown to applicants."""

from django.db import models
from django.db.models import Q

from accounts.habilitations.reference.models import Delegation


class ResponseTime(models.Model):
    """The decisions of the last 30 days of one délégation, or of all (`delegation` empty)."""

    delegation = models.OneToOneField(
        Delegation,
        verbose_name="délégation",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    decided = models.PositiveIntegerField("demandes décidées")
    median_hours = models.PositiveIntegerField("délai médian, en heures")
    share = models.PositiveSmallIntegerField("pour cent dans le délai")
    measured_at = models.DateTimeField("mesuré le")

    class Meta:
        verbose_name = "délai de réponse"
        verbose_name_plural = "délais de réponse"
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(delegation__isnull=True),
                name="response_time_of_all_once",
            ),
            models.CheckConstraint(
                condition=Q(share__lte=100, decided__gt=0), name="response_time_of_decisions"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegation or 'toutes les délégations'}: {self.median_hours} h"
