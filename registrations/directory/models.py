"""What the company directory answered: about the SIRET of a request, and to searches on forms."""

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
    conventions = models.JSONField("conventions collectives", default=list, blank=True)  # IDCC
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


class DirectoryAnswer(models.Model):
    """The answer to a search on a form, kept for COMPANY_CACHE; who searched is not kept.

    `searched`: a SIRET, a SIREN, or a hash of a name and a département.
    """

    searched = models.CharField("recherche", max_length=64, primary_key=True)
    companies = models.JSONField("établissements")
    answered_at = models.DateTimeField("répondu le", db_index=True)

    class Meta:
        verbose_name = "réponse du répertoire"
        verbose_name_plural = "réponses du répertoire"

    def __str__(self) -> str:
        return self.searched


class DirectoryCircuit(models.Model):
    """One row: the failures in a row of searches, and until when nobody searches."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    failures = models.PositiveIntegerField("échecs de suite", default=0)
    silent_until = models.DateTimeField("silence jusqu’à", null=True, blank=True)

    class Meta:
        verbose_name = "disjoncteur du répertoire"
        verbose_name_plural = "disjoncteurs du répertoire"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="directory_circuit_one_row"),
        ]

    def __str__(self) -> str:
        return f"{self.failures}"
