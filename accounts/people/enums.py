"""The statuses of an account, and the reasons for deactivating one."""

from django.db import models


class Status(models.TextChoices):
    """Where an account stands. One field, one transition table (`account_states`)."""

    PENDING = "pending", "en attente du mot de passe"
    ACTIVE = "active", "actif"
    DEACTIVATED_INACTIVE = "deactivated_inactive", "désactivé pour inactivité"
    DEACTIVATED_BY_ADMIN = "deactivated_by_admin", "désactivé par un administrateur"
    CLOSING = "closing", "fermeture demandée"
    SUSPENDED = "suspended", "suspendu"


class DeactivationReason(models.TextChoices):
    """Why an administrator or an agent turns an account off: a code for the journal."""

    LEFT = "left", "la personne a quitté l’établissement"
    DUPLICATE = "duplicate", "compte en double"
    NOT_ENTITLED = "not_entitled", "la personne n’a pas à avoir de compte"
    BREACH = "breach", "manquement aux conditions d’utilisation"
    SECURITY = "security", "compte peut-être compromis"
    PERSON = "person", "à la demande de la personne"
    IDLE = "idle", "compte d’agent sans connexion"
    OTHER = "other", "autre motif"
