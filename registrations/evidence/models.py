"""What speaks for a request beside its answers, and how often each signal ended in a refusal."""

from django.db import models
from django.db.models import F, Q


class KnownContact(models.Model):
    """One line of the list of good contacts that a national administrator imports as a whole."""

    address = models.EmailField("adresse e-mail")
    address_key = models.CharField(max_length=254, editable=False)
    siret = models.CharField("SIRET", max_length=14, blank=True)  # empty: of any establishment
    name = models.CharField("nom", max_length=160, blank=True)
    imported_at = models.DateTimeField("importée le")
    imported_by = models.UUIDField("importée par", null=True, blank=True)

    class Meta:
        verbose_name = "contact connu"
        verbose_name_plural = "contacts connus"
        ordering = ("address_key", "siret")
        constraints = [
            models.UniqueConstraint(fields=["address_key", "siret"], name="known_contact_once"),
        ]

    def __str__(self) -> str:
        return self.address


class HintFigure(models.Model):
    """Of the requests decided in the last twelve months, how many carried a signal and how many of
    those were refused.
    """

    code = models.CharField("signal", max_length=20, primary_key=True)
    carried = models.PositiveIntegerField("demandes décidées qui le portaient")
    refused = models.PositiveIntegerField("dont refusées")
    counted_at = models.DateTimeField("compté le")

    class Meta:
        verbose_name = "poids d’un signal"
        verbose_name_plural = "poids des signaux"
        constraints = [
            models.CheckConstraint(
                condition=Q(refused__lte=F("carried")), name="hint_figure_refused_of_carried"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.refused}/{self.carried}"
