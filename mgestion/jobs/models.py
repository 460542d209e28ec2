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


class JobTotal(models.Model):
    """What a job did since its first run; its runs themselves are purged."""

    job = models.CharField("tâche", max_length=60, primary_key=True)
    runs = models.PositiveBigIntegerField("exécutions", default=0)
    failures = models.PositiveBigIntegerField("échecs", default=0)
    seconds = models.FloatField("durée cumulée, en secondes", default=0.0)
    last_seconds = models.FloatField("durée de la dernière exécution, en secondes", default=0.0)
    last_run_at = models.DateTimeField("dernière exécution le", null=True)
    last_success_at = models.DateTimeField("dernier succès le", null=True)
    asked_at = models.DateTimeField("exécution demandée le", null=True)  # until it is started

    class Meta:
        verbose_name = "cumul d’une tâche"
        verbose_name_plural = "cumuls des tâches"

    def __str__(self) -> str:
        return self.job
