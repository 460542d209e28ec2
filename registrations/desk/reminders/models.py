"""Mails to applicants that their server refused for good."""

from django.db import models
from django.db.models import Q

from registrations.requests.enums import UndeliveredOutcome
from registrations.requests.models import Request


class UndeliveredMailQuerySet(models.QuerySet["UndeliveredMail"]):
    def open(self) -> "UndeliveredMailQuerySet":
        return self.filter(closed_at__isnull=True)


class UndeliveredMail(models.Model):
    """One mail about a request that never arrived; open until an agent settles it."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    mail = models.UUIDField("e-mail", unique=True, editable=False)  # of the outbox
    kind = models.CharField("nature", max_length=60)
    found_at = models.DateTimeField("constaté le")
    closed_at = models.DateTimeField("réglé le", null=True, blank=True)
    closed_by = models.UUIDField("réglé par", null=True, blank=True)
    outcome = models.CharField(
        "suite", max_length=10, choices=UndeliveredOutcome.choices, blank=True
    )

    objects = UndeliveredMailQuerySet.as_manager()

    class Meta:
        verbose_name = "e-mail non remis"
        verbose_name_plural = "e-mails non remis"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | Q(closed_at__isnull=False, outcome__in=UndeliveredOutcome.values),
                name="undelivered_closed_iff_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["request"], condition=Q(closed_at__isnull=True), name="undelivered_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} – {self.found_at:%Y-%m-%d %H:%M}"
