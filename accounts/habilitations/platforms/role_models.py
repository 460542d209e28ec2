"""What each role may do, in the words that people read (R58, R78)."""

from django.db import models
from django.db.models import Q

from accounts.habilitations.enums import Role


class RoleText(models.Model):
    """What a role is for (no platform), or what it may do on one platform: its specific conditions.

    Where a platform says nothing of a role that it knows, the general text stands.
    """

    platform = models.ForeignKey(
        "habilitations.Platform",
        verbose_name="plateforme",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="role_texts",
        help_text="Vide\u00a0: le texte général du rôle, pour toutes les plateformes.",
    )
    role = models.CharField("rôle", max_length=32, choices=Role.choices)
    text = models.TextField(
        "ce que ce rôle permet",
        max_length=2000,
        help_text="Une ligne par droit, en phrases simples. Affiché à tout le monde.",
    )

    class Meta:
        verbose_name = "texte d’un rôle"
        verbose_name_plural = "textes des rôles"
        ordering = ("platform__position", "role")
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "role"],
                name="role_text_once",
                violation_error_message="Ce rôle a déjà un texte pour cette plateforme.",
            ),
            models.UniqueConstraint(
                fields=["role"],
                condition=Q(platform__isnull=True),
                name="role_text_default_once",
                violation_error_message="Ce rôle a déjà un texte général.",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_text_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.platform or 'Toutes les plateformes'} – {self.get_role_display()}"

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]
