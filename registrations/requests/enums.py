"""Closed lists of this room."""

from django.db import models


class RequestStatus(models.TextChoices):
    """Where a request stands. The verbs of `registrations.flows` move it and refuse other moves."""

    SUBMITTED = "submitted", "à l’étude"
    AWAITING_DOCUMENT = "awaiting_document", "en attente d’un document"
    APPROVED = "approved", "acceptée"
    REFUSED = "refused", "refusée"
    CANCELLED = "cancelled", "annulée"


OPEN_STATUSES = (RequestStatus.SUBMITTED, RequestStatus.AWAITING_DOCUMENT)


class RequestAct(models.TextChoices):
    """What can happen to a request; each writes one line of history."""

    SUBMITTED = "submitted", "Demande enregistrée"
    AMENDED = "amended", "Demande corrigée"
    CANCELLED = "cancelled", "Demande annulée"
    APPROVED = "approved", "Demande acceptée"
    REFUSED = "refused", "Demande refusée"
    TAKEN = "taken", "Prise en charge"
    RELEASED = "released", "Remise en file"
    ASSIGNED = "assigned", "Attribuée"
    REROUTED = "rerouted", "Réorientée"
    DOCUMENT_ASKED = "document_asked", "Document demandé"
    DOCUMENT_RECEIVED = "document_received", "Document reçu"
    DOCUMENT_REMINDED = "document_reminded", "Rappel envoyé"
    DOCUMENT_PROLONGED = "document_prolonged", "Délai de réponse prolongé"
    DOCUMENT_WITHDRAWN = "document_withdrawn", "Document plus attendu"
    REOPENED = "reopened", "Demande rouverte"
    ACCESS_SUSPENDED = "access_suspended", "Accès suspendu"
    ACCESS_RESTORED = "access_restored", "Accès rétabli"
    REMINDED = "reminded", "Délégation relancée"
    ESCALATED = "escalated", "Signalée aux administrateurs nationaux"
    NOTED = "noted", "Note interne"
    UNDELIVERED = "undelivered", "E-mail non remis"
    MAIL_RESENT = "mail_resent", "E-mail renvoyé"
    TOLD_OTHERWISE = "told_otherwise", "Personne prévenue autrement"


class UndeliveredOutcome(models.TextChoices):
    """How a mail that never arrived was settled."""

    RESENT = "resent", "renvoyé"
    TOLD = "told", "personne prévenue autrement"


class DueState(models.TextChoices):
    """How an open request stands against its due time, in words (D10)."""

    ON_TIME = "on_time", "dans les délais"
    AMBER = "amber", "à traiter (plus de 24 h)"
    OVERDUE = "overdue", "en retard"
    PAUSED = "paused", "en pause"


class FileKind(models.TextChoices):
    """What may be sent; the value is the ending of the file's name."""

    PDF = "pdf", "PDF"
    JPEG = "jpg", "JPEG"
    PNG = "png", "PNG"


class ScanResult(models.TextChoices):
    """What the antivirus said of a file. `pending`: it could not be asked, and will be."""

    NONE = "none", "sans antivirus"
    CLEAN = "clean", "vérifié par l’antivirus"
    PENDING = "pending", "en attente de l’antivirus"
    INFECTED = "infected", "refusé par l’antivirus"


class CompanyState(models.TextChoices):
    """What the company directory answered about a SIRET."""

    WAITING = "waiting", "non vérifié"
    FOUND = "found", "vérifié"
    UNKNOWN = "unknown", "inconnu du répertoire"
    HIDDEN = "hidden", "non diffusible"


class ReviewChoice(models.TextChoices):
    """What an Administrateur says of an account in a review."""

    KEEP = "keep", "Conservé"
    GONE = "gone", "N’est plus dans l’établissement"
    ROLE = "role", "Autre rôle demandé"


class ReviewOutcome(models.TextChoices):
    """How a review ended. `unanswered`: the next one took its place."""

    COMPLETED = "completed", "terminée"
    UNANSWERED = "unanswered", "sans réponse complète"
