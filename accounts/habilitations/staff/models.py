"""Agents of OPCO Mobilités: a role and a scope for an existing account."""

from django.conf import settings
from django.db import models

from accounts.habilitations.enums import StaffRole
from accounts.habilitations.reference.models import Delegation, Dga


class StaffMember(models.Model):
    """An OPCO agent: one role, and the délégations and DGAs whose requests they see.

    The national administrator and the auditor see everything; a reviewer without scope sees
    nothing.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        on_delete=models.CASCADE,
        related_name="+",
    )
    role = models.CharField("rôle", max_length=12, choices=StaffRole.choices)
    delegations = models.ManyToManyField(
        Delegation, verbose_name="délégations", blank=True, related_name="+"
    )
    dgas = models.ManyToManyField(Dga, verbose_name="DGA", blank=True, related_name="+")

    class Meta:
        verbose_name = "agent"
        verbose_name_plural = "agents"

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"
