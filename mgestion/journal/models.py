"""The journal: who did what, when and why; append-only by triggers."""

from django.db import models

from mgestion.journal.words import get_act_label
from mgestion.text.dates import french_moment


class Entry(models.Model):
    """One act. The row holds no personal value: people are UUIDs, the reason is a code."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("le")
    act = models.CharField("acte", max_length=60)
    actor_kind = models.CharField("nature de l’auteur", max_length=12)
    actor = models.CharField("auteur", max_length=60, blank=True)
    object_type = models.CharField("type d’objet", max_length=40, blank=True)
    object_id = models.CharField("objet", max_length=60, blank=True)
    person = models.UUIDField("personne concernée", null=True, blank=True)
    reason = models.CharField("motif", max_length=60, blank=True)
    request_id = models.CharField("requête", max_length=40, blank=True)

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="journal_object"),
            models.Index(fields=["person", "-id"], name="journal_person"),
            models.Index(fields=["at"], name="journal_at"),
            models.Index(
                fields=["actor", "-id"],
                condition=models.Q(actor_kind="staff"),
                name="journal_agent",
            ),
        ]

    def __str__(self) -> str:
        return f"{french_moment(self.at)}, {get_act_label(self.act)}"


class Detail(models.Model):
    """Personal values of an entry (old value, address, device); erased with the person."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="detail")
    person = models.UUIDField(null=True, blank=True, db_index=True)
    data = models.JSONField("détail", default=dict)

    class Meta:
        verbose_name = "détail"
        verbose_name_plural = "détails"

    def __str__(self) -> str:
        return f"détail de {self.entry_id}"
