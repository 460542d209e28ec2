"""The company directory's answer about the SIRET of a request."""

from django.db import models
from django.db.models import Q

from registrations.requests.enums import CompanyState
from registrations.requests.models import Request


class CompanyCheck(models.Model):
    """The lookup of one request's SIRET, made by the job `registrations.companies`.

    The row is the queue entry (`next_at`) and, once answered, a cache for later requests with the
    same SIRET. When a correction changes the SIRET, a new row replaces it.
    """

    request = models.OneToOneField(
        Request, on_delete=models.CASCADE, primary_key=True, related_name="company_check"
    )
    siret = models.CharField("SIRET", max_length=14)
    state = models.CharField(
        "réponse", max_length=12, choices=CompanyState.choices, default=CompanyState.WAITING
    )
    name = models.CharField("nom au répertoire", max_length=200, blank=True)
    activity = models.CharField("code NAF", max_length=10, blank=True)
    closed = models.BooleanField("fermé", default=False)
    closed_on = models.DateField("fermé le", null=True, blank=True)
    address = models.CharField("adresse", max_length=300, blank=True)
    department = models.CharField("département", max_length=3, blank=True)
    checked_at = models.DateTimeField("vérifié le", null=True, blank=True)
    # When to ask next; empty once answered
    next_at = models.DateTimeField("à demander le", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)

    class Meta:
        verbose_name = "vérification au répertoire"
        verbose_name_plural = "vérifications au répertoire"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CompanyState.WAITING, checked_at__isnull=True)
                | (~Q(state=CompanyState.WAITING) & Q(checked_at__isnull=False)),
                name="company_answered_iff_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="company_to_ask"
            ),
            models.Index(fields=["siret", "-checked_at"], name="company_known"),
        ]

    def __str__(self) -> str:
        return f"{self.siret}\u00a0: {self.get_state_display()}"
