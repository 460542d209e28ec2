"""Closed lists of this room."""

from django.db import models


class Status(models.TextChoices):
    """Where an account stands. One field, one transition table (`accounts.standing`)."""

    PENDING = "pending", "en attente du mot de passe"
    ACTIVE = "active", "actif"
    DEACTIVATED_INACTIVE = "deactivated_inactive", "désactivé pour inactivité"
    DEACTIVATED_BY_ADMIN = "deactivated_by_admin", "désactivé par un administrateur"
    CLOSING = "closing", "fermeture demandée"
    SUSPENDED = "suspended", "suspendu"
