"""States, reasons and kinds of the lifecycle, with their French labels."""

from django.db import models


class CaseCause(models.TextChoices):
    """Why an account is leaving."""

    INACTIVITY = "inactivity", "inactivité de 24 mois"
    ADMIN = "admin", "désactivation par un administrateur"
    CLOSURE = "closure", "fermeture demandée par la personne"


class CaseState(models.TextChoices):
    """The states of a case. NOTICE_QUEUED and DEACTIVATED end when the mail server accepts the
    mail.
    """

    NOTICE_QUEUED = "notice_queued", "avertissement à envoyer"
    NOTIFIED = "notified", "averti"
    DEACTIVATED = "deactivated", "désactivé, annonce à envoyer"
    ANNOUNCED = "announced", "désactivé, suppression annoncée"
    CLOSED = "closed", "terminé"


class CaseOutcome(models.TextChoices):
    """How a case ended."""

    ACTIVITY = "activity", "activité"
    RETURNED = "returned", "réactivé"
    OTHER_ACT = "other_act", "remplacé par un autre acte"
    DELETED = "deleted", "supprimé"


class HoldReason(models.TextChoices):
    """Why an account, or every account, is on hold."""

    UNDELIVERABLE = "undeliverable", "e-mail impossible à remettre"
    SWITCHED_OFF = "switched_off", "cycle de vie coupé (LIFECYCLE_ENABLED)"
    STAFF = "staff", "décision d’un agent"
    LEGAL = "legal", "contentieux ou contrôle"
    OUTAGE = "outage", "panne du portail"


# Placed and released by the portal, never typed.
PORTAL_REASONS = (HoldReason.UNDELIVERABLE, HoldReason.SWITCHED_OFF)


class ProposedAct(models.TextChoices):
    """Acts that take two agents."""

    ADDRESS = "address", "corriger l’adresse"
    ERASE = "erase", "effacer le compte"


class ProposalReason(models.TextChoices):
    """Why: a written request, or the days after a letter are over."""

    ASKED = "asked", "demande écrite de la personne"
    LETTER = "letter", "délai passé après une lettre"


class ProposalOutcome(models.TextChoices):
    CONFIRMED = "confirmed", "confirmée"
    REFUSED = "refused", "écartée"
    WITHDRAWN = "withdrawn", "retirée"


class Step(models.TextChoices):
    """What a run may do to an account: at most one step per account and run."""

    NOTICE = "notice", "avertir"
    DEACTIVATE = "deactivate", "désactiver"
    DELETE = "delete", "supprimer"
    REMIND = "remind", "rappeler l’inscription inachevée"
    PURGE = "purge", "effacer l’inscription inachevée"
    DISABLE = "disable", "suspendre le compte d’agent"


# The counts of a run.
RUN_COUNT_LABELS = {
    **dict(Step.choices),
    "followed": "horloges avancées selon d’autres plateformes",
    "opened": "procédures ouvertes",
    "ended": "procédures terminées",
    "bound": "échéances fixées",
    "published": "échéances publiées",
    "resumed": "échéances reportées après une demande étudiée",
    "returned": "e-mails revenus, échéances annulées",
    "held": "retenues",
    "unheld": "retenues devenues sans objet, levées",
    "requeued": "e-mails remis en file",
    "disagreed": "écartés par la règle",
    "failed": "échecs",
}


class StepReason(models.TextChoices):
    """Why a step comes next, or does not happen."""

    IDLE = "idle", "inactif depuis 24 mois"
    UNANSWERED = "unanswered", "toujours inactif après l’avertissement"
    STILL_DEACTIVATED = "still_deactivated", "toujours désactivé après le 15e jour"
    NEVER_COMPLETED = "never_completed", "inscription jamais achevée"
    STAFF_IDLE = "staff_idle", "compte d’agent sans connexion"
    IN_USE = "in_use", "compte utilisé"
    RUNNING = "running", "délai en cours"
    AWAITING_MAIL = "awaiting_mail", "en attente de l’acceptation de l’e-mail"
    HELD = "held", "procédure retenue"
    LETTER = "letter", "prévenu par lettre\u00a0: deux agents doivent confirmer l’effacement"
    OPEN_REQUEST = "open_request", "demande en cours d’étude"
    LIVING_LINK = "living_link", "un lien d’inscription fonctionne encore"
    LAST_SUPERUSER = "last_superuser", "dernier administrateur national"
    SUSPENDED = "suspended", "compte suspendu"
    BACK_OFFICE = "back_office", "compte d’agent sans accès"
    SILENT_PLATFORM = "silent_platform", "une plateforme ne transmet plus l’activité"
    OFFICE_HOURS = "office_hours", "les e-mails partent aux heures de bureau"
    SWITCHED_OFF = "switched_off", "cycle de vie coupé (LIFECYCLE_ENABLED)"


class LedgerLine(models.TextChoices):
    """The kinds of ledger lines."""

    NOTICE_QUEUED = "notice_queued", "avertissement mis en file"
    NOTICE_ACCEPTED = "notice_accepted", "avertissement accepté par le serveur"
    DEACTIVATED = "deactivated", "compte désactivé"
    DELETION_ANNOUNCED = "deletion_announced", "annonce de suppression acceptée par le serveur"
    DELETED = "deleted", "compte supprimé"
    ENDED = "ended", "procédure terminée sans suppression"
    HELD = "held", "procédure retenue"
    RELEASED = "released", "procédure reprise"
    RETURNED_MAIL = "returned_mail", "e-mail revenu non distribué"
    LETTER_POSTED = "letter_posted", "prévenu par lettre"
    ADDRESS_CORRECTED = "address_corrected", "adresse corrigée sur demande écrite"
    PAUSE_ENDED = "pause_ended", "jours rendus après une demande étudiée"
    EXTENDED = "extended", "délai prolongé"
    REQUEUED = "requeued", "e-mail remis en file"


class ReviewKind(models.TextChoices):
    """What the periodic reviews confirm."""

    AGENT = "agent", "droits d’un agent"
    SUSPENSION = "suspension", "suspension"


class RunOutcome(models.TextChoices):
    RUNNING = "running", "en cours"
    DONE = "done", "terminée"
    PARTIAL = "partial", "terminée, des comptes en échec"
    STOPPED = "stopped", "arrêtée par le disjoncteur"
    SWITCHED_OFF = "switched_off", "coupée"
    FAILED = "failed", "en échec"
