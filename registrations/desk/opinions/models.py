"""Opinions that an agent asks of a colleague or of a DGA before deciding a request."""

from django.db import models
from django.db.models import Q

from accounts.habilitations.reference.models import Dga
from registrations.requests.enums import OPEN_STATUSES
from registrations.requests.models import Request


class OpinionVerdict(models.TextChoices):
    FAVOURABLE = "favourable", "avis favorable"
    UNFAVOURABLE = "unfavourable", "avis défavorable"
    NEITHER = "neither", "sans avis"


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def open(self) -> "OpinionQuerySet":
        """An opinion ends with the request too."""
        return self.filter(closed_at__isnull=True, request__status__in=OPEN_STATUSES)


class Opinion(models.Model):
    """Asked of one agent (`person`, their public id) or of a DGA. While it is open, who is asked
    may read the request.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    person = models.UUIDField("demandé à", null=True, blank=True)
    dga = models.ForeignKey(
        Dga, verbose_name="DGA", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    question = models.TextField("question")
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.UUIDField("demandé par")
    verdict = models.CharField("avis", max_length=12, choices=OpinionVerdict.choices, blank=True)
    answer = models.TextField("explication", blank=True)
    answered_by = models.UUIDField("rendu par", null=True, blank=True)
    closed_at = models.DateTimeField("clos le", null=True, blank=True)  # answered, or withdrawn

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ("asked_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, dga__isnull=True)
                | Q(person__isnull=True, dga__isnull=False),
                name="opinion_asked_of_one",
            ),
            models.CheckConstraint(
                condition=Q(verdict="", answered_by__isnull=True)
                | Q(
                    verdict__in=OpinionVerdict.values,
                    answered_by__isnull=False,
                    closed_at__isnull=False,
                ),
                name="opinion_answered_is_closed",
            ),
            models.UniqueConstraint(
                fields=["request", "person"],
                condition=Q(closed_at__isnull=True, person__isnull=False),
                name="opinion_person_once",
            ),
            models.UniqueConstraint(
                fields=["request", "dga"],
                condition=Q(closed_at__isnull=True, dga__isnull=False),
                name="opinion_dga_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"], condition=Q(closed_at__isnull=True), name="opinion_open_person"
            ),
            models.Index(
                fields=["dga"], condition=Q(closed_at__isnull=True), name="opinion_open_dga"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        """What became of it, in French."""
        if self.verdict:
            return OpinionVerdict(self.verdict).label
        if self.closed_at is not None:
            return "avis retiré"
        return "avis attendu" if self.request.is_open else "avis non rendu"
