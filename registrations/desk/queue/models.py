"""Lists of the queue that agents keep under a name."""

from django.conf import settings
from django.db import models

from accounts.habilitations.reference.models import Delegation


class SavedView(models.Model):
    """The filters and the sort of a list, its owner's, shared with one délégation or with nobody.

    Never a search: what one looks for is often somebody's name.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="agent",
        on_delete=models.CASCADE,
        related_name="+",
    )
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres", max_length=500, blank=True)
    delegation = models.ForeignKey(
        Delegation,
        verbose_name="partagée avec",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    saved_at = models.DateTimeField("enregistrée le")

    class Meta:
        verbose_name = "vue de la file"
        verbose_name_plural = "vues de la file"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="saved_view_name_once",
                violation_error_message="Vous avez déjà une vue de ce nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
