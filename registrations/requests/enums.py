"""The enums of registrations."""

from django.db import models

from mgestion.journal.words import JournalAct


class RequestStatus(models.TextChoices):
    """The status of a request. Only the transitions of `review_rules.TRANSITIONS` are allowed."""

    SUBMITTED = "submitted", "à l’étude"
    AWAITING_DOCUMENT = "awaiting_document", "en attente d’un document"
    APPROVED = "approved", "acceptée"
    REFUSED = "refused", "refusée"
    CANCELLED = "cancelled", "annulée"


class RequestOrigin(models.TextChoices):
    """Where a request comes from."""

    FORM = "form", "formulaire"
    INVITATION = "invitation", "invitation"
    STAFF = "staff", "accès ouvert par un agent"


OPEN_STATUSES = (RequestStatus.SUBMITTED, RequestStatus.AWAITING_DOCUMENT)


class RequestAct(models.TextChoices):
    """What can happen to a request; each act writes one `RequestEvent`."""

    SUBMITTED = "submitted", "Demande enregistrée"
    FILED = "filed", "Dossier ouvert pour un justificatif"
    INVITED = "invited", "Invitation jointe"
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
    MESSAGE_RECEIVED = "message_received", "Message de la personne"
    MESSAGE_SENT = "message_sent", "Message à la personne"
    MESSAGE_READ = "message_read", "Message marqué comme lu"
    MESSAGE_SEEN = "message_seen", "Message lu par la personne"
    REOPENED = "reopened", "Demande rouverte"
    ACCESS_SUSPENDED = "access_suspended", "Accès suspendu"
    ACCESS_RESTORED = "access_restored", "Accès rétabli"
    REMINDED = "reminded", "Délégation relancée"
    ESCALATED = "escalated", "Signalée aux administrateurs nationaux"
    NOTED = "noted", "Note interne"
    OPINION_ASKED = "opinion_asked", "Avis demandé"
    OPINION_GIVEN = "opinion_given", "Avis rendu"
    OPINION_WITHDRAWN = "opinion_withdrawn", "Avis plus attendu"
    UNDELIVERED = "undelivered", "E-mail non remis"
    MAIL_RESENT = "mail_resent", "E-mail renvoyé"
    TOLD_OTHERWISE = "told_otherwise", "Personne prévenue autrement"


class RegistrationAct(JournalAct):
    """The acts that registrations write to the journal."""

    REQUEST_SUBMITTED = "request.submitted", RequestAct.SUBMITTED.label
    REQUEST_FILED = "request.filed", RequestAct.FILED.label
    REQUEST_INVITED = "request.invited", RequestAct.INVITED.label
    REQUEST_AMENDED = "request.amended", RequestAct.AMENDED.label
    REQUEST_CANCELLED = "request.cancelled", RequestAct.CANCELLED.label
    REQUEST_APPROVED = "request.approved", RequestAct.APPROVED.label
    REQUEST_REFUSED = "request.refused", RequestAct.REFUSED.label
    REQUEST_TAKEN = "request.taken", RequestAct.TAKEN.label
    REQUEST_RELEASED = "request.released", RequestAct.RELEASED.label
    REQUEST_ASSIGNED = "request.assigned", RequestAct.ASSIGNED.label
    REQUEST_REROUTED = "request.rerouted", RequestAct.REROUTED.label
    REQUEST_DOCUMENT_ASKED = "request.document_asked", RequestAct.DOCUMENT_ASKED.label
    REQUEST_DOCUMENT_RECEIVED = "request.document_received", RequestAct.DOCUMENT_RECEIVED.label
    REQUEST_DOCUMENT_REMINDED = "request.document_reminded", RequestAct.DOCUMENT_REMINDED.label
    REQUEST_DOCUMENT_PROLONGED = "request.document_prolonged", RequestAct.DOCUMENT_PROLONGED.label
    REQUEST_DOCUMENT_WITHDRAWN = "request.document_withdrawn", RequestAct.DOCUMENT_WITHDRAWN.label
    REQUEST_MESSAGE_RECEIVED = "request.message_received", RequestAct.MESSAGE_RECEIVED.label
    REQUEST_MESSAGE_SENT = "request.message_sent", RequestAct.MESSAGE_SENT.label
    REQUEST_MESSAGE_READ = "request.message_read", RequestAct.MESSAGE_READ.label
    REQUEST_MESSAGE_SEEN = "request.message_seen", RequestAct.MESSAGE_SEEN.label
    REQUEST_REOPENED = "request.reopened", RequestAct.REOPENED.label
    REQUEST_ACCESS_SUSPENDED = "request.access_suspended", RequestAct.ACCESS_SUSPENDED.label
    REQUEST_ACCESS_RESTORED = "request.access_restored", RequestAct.ACCESS_RESTORED.label
    REQUEST_REMINDED = "request.reminded", RequestAct.REMINDED.label
    REQUEST_ESCALATED = "request.escalated", RequestAct.ESCALATED.label
    REQUEST_NOTED = "request.noted", RequestAct.NOTED.label
    REQUEST_OPINION_ASKED = "request.opinion_asked", RequestAct.OPINION_ASKED.label
    REQUEST_OPINION_GIVEN = "request.opinion_given", RequestAct.OPINION_GIVEN.label
    REQUEST_OPINION_WITHDRAWN = "request.opinion_withdrawn", RequestAct.OPINION_WITHDRAWN.label
    REQUEST_UNDELIVERED = "request.undelivered", RequestAct.UNDELIVERED.label
    REQUEST_MAIL_RESENT = "request.mail_resent", RequestAct.MAIL_RESENT.label
    REQUEST_TOLD_OTHERWISE = "request.told_otherwise", RequestAct.TOLD_OTHERWISE.label
    ACCESS_ROLE_ASKED = "access.role_asked", "Autre rôle demandé"
    REQUESTS_EXPORTED = "requests.exported", "Demandes exportées"
    QUEUE_VIEW_SAVED = "queue_view.saved", "Vue de la file enregistrée"
    QUEUE_VIEW_DELETED = "queue_view.deleted", "Vue de la file supprimée"
    CONTACTS_REPLACED = "contacts.replaced", "Liste des contacts connus remplacée"
    INVITATION_SENT = "invitation.sent", "Collègue invité"
    INVITATION_RESENT = "invitation.resent", "Invitation renvoyée"
    INVITATION_REVOKED = "invitation.revoked", "Invitation retirée"
    INVITATION_ACCEPTED = "invitation.accepted", "Invitation acceptée"
    ACCESS_REVIEW_OPENED = "access_review.opened", "Vérification d’accès ouverte"
    ACCESS_REVIEW_ANSWERED = "access_review.answered", "Vérification d’accès\u00a0: compte vérifié"
    ACCESS_REVIEW_CLOSED = "access_review.closed", "Vérification d’accès close"


class UndeliveredOutcome(models.TextChoices):
    """How an undelivered mail was resolved."""

    RESENT = "resent", "renvoyé"
    TOLD = "told", "personne prévenue autrement"


class DueState(models.TextChoices):
    """The state of an open request against its due time."""

    ON_TIME = "on_time", "dans les délais"
    AMBER = "amber", "à traiter (plus de 24 h)"
    OVERDUE = "overdue", "en retard"
    PAUSED = "paused", "en pause"


class FileKind(models.TextChoices):
    """The accepted file types; the value is the file extension."""

    PDF = "pdf", "PDF"
    JPEG = "jpg", "JPEG"
    PNG = "png", "PNG"


class ScanResult(models.TextChoices):
    """The antivirus result of a file. `pending`: the antivirus did not answer; a job retries."""

    NONE = "none", "sans antivirus"
    CLEAN = "clean", "vérifié par l’antivirus"
    PENDING = "pending", "en attente de l’antivirus"
    INFECTED = "infected", "refusé par l’antivirus"


class CompanyState(models.TextChoices):
    """The company directory's answer about a SIRET."""

    WAITING = "waiting", "non vérifié"
    FOUND = "found", "vérifié"
    UNKNOWN = "unknown", "inconnu du répertoire"
    HIDDEN = "hidden", "non diffusible"


class ReviewChoice(models.TextChoices):
    """An Administrateur's answer for one account of an access review."""

    KEEP = "keep", "Conservé"
    GONE = "gone", "N’est plus dans l’établissement"
    ROLE = "role", "Autre rôle demandé"


class ReviewOutcome(models.TextChoices):
    """How an access review ended. `unanswered`: the next review replaced it."""

    COMPLETED = "completed", "terminée"
    UNANSWERED = "unanswered", "sans réponse complète"
