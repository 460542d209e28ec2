"""The six-monthly access review of an establishment, and the answers of its administrators."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.habilitations.accesses.models import Establishment
from accounts.habilitations.enums import Role
from registrations.requests.enums import ReviewChoice, ReviewOutcome


class AccessReviewQuerySet(models.QuerySet["AccessReview"]):
    def open(self) -> "AccessReviewQuerySet":
        return self.filter(closed_at__isnull=True)


class AccessReview(models.Model):
    """One review of one establishment. `due_at` is 24:00, Paris time, of the last day to answer;
    passing it changes no access, and is shown to the délégation.
    """

    establishment = models.ForeignKey(
        Establishment, verbose_name="établissement", on_delete=models.CASCADE, related_name="+"
    )
    opened_at = models.DateTimeField("ouverte le")
    due_at = models.DateTimeField("réponse attendue avant")
    reminded_at = models.DateTimeField("rappel envoyé le", null=True, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=10, choices=ReviewOutcome.choices, blank=True)

    objects = AccessReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "revue des accès"
        verbose_name_plural = "revues des accès"
        ordering = ("-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["establishment"],
                condition=Q(closed_at__isnull=True),
                name="access_review_open_once",
                violation_error_message="Une revue est déjà ouverte pour cet établissement.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="")
                | Q(closed_at__isnull=False, outcome__in=ReviewOutcome.values),
                name="access_review_closed_has_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(closed_at__isnull=True),
                name="access_review_open_due",
            ),
            models.Index(fields=["establishment", "opened_at"], name="access_review_latest"),
        ]

    def __str__(self) -> str:
        return f"ouverte le {self.opened_at:%d/%m/%Y}"


class ReviewAnswer(models.Model):
    """The answer for one account; the first answer counts."""

    review = models.ForeignKey(AccessReview, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        on_delete=models.CASCADE,
        related_name="+",
    )
    choice = models.CharField("réponse", max_length=4, choices=ReviewChoice.choices)
    role = models.CharField("rôle demandé", max_length=32, choices=Role.choices, blank=True)
    answered_at = models.DateTimeField("répondu le")
    answered_by = models.UUIDField("répondu par")  # no foreign key: kept after an erasure

    class Meta:
        verbose_name = "réponse à une revue"
        verbose_name_plural = "réponses à une revue"
        ordering = ("answered_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["review", "user"],
                name="review_answered_once",
                violation_error_message="Quelqu’un a déjà répondu pour ce compte.",
            ),
            models.CheckConstraint(
                condition=Q(choice="role", role__in=Role.values)
                | (~Q(choice="role") & Q(role="", choice__in=ReviewChoice.values)),
                name="review_answer_role_when_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_choice_display()} – {self.answered_at:%Y-%m-%d}"
