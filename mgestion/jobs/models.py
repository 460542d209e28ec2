"""Runs of scheduled jobs."""

from django.db import models


class JobRun(models.Model):
    """One run of a job in one time slot; the pair is unique, so that two calls make one run."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "en cours"
        DONE = "done", "terminé"
        PARTIAL = "partial", "terminé, avec des échecs"
        FAILED = "failed", "en échec"

    job = models.CharField("tâche", max_length=60)
    slot = models.CharField("créneau", max_length=40)
    started_at = models.DateTimeField("commencé le")
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    outcome = models.CharField(
        "résultat", max_length=8, choices=Outcome.choices, default=Outcome.RUNNING
    )
    counts = models.JSONField("comptes", default=dict, blank=True)
    error = models.CharField("erreur", max_length=300, blank=True)

    class Meta:
        verbose_name = "exécution"
        verbose_name_plural = "exécutions"
        ordering = ("-started_at",)
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="job_slot_once")]
        indexes = [models.Index(fields=["job", "-finished_at"], name="job_last")]

    def __str__(self) -> str:
        return f"{self.job} {self.slot}"
