"""The acts of this room, as the journal shows them."""

from accounts.habilitations.enums import Role
from mgestion.journal.words import JournalAct, JournalWords
from registrations.reference import shipped_texts
from registrations.requests.enums import Act, ReviewChoice, ReviewOutcome
from registrations.requests.models import Request


class RegistrationAct(JournalAct):
    REQUEST_SUBMITTED = "request.submitted", Act.SUBMITTED.label
    REQUEST_AMENDED = "request.amended", Act.AMENDED.label
    REQUEST_CANCELLED = "request.cancelled", Act.CANCELLED.label
    REQUEST_APPROVED = "request.approved", Act.APPROVED.label
    REQUEST_REFUSED = "request.refused", Act.REFUSED.label
    REQUEST_TAKEN = "request.taken", Act.TAKEN.label
    REQUEST_RELEASED = "request.released", Act.RELEASED.label
    REQUEST_ASSIGNED = "request.assigned", Act.ASSIGNED.label
    REQUEST_REROUTED = "request.rerouted", Act.REROUTED.label
    REQUEST_DOCUMENT_ASKED = "request.document_asked", Act.DOCUMENT_ASKED.label
    REQUEST_DOCUMENT_RECEIVED = "request.document_received", Act.DOCUMENT_RECEIVED.label
    REQUEST_DOCUMENT_REMINDED = "request.document_reminded", Act.DOCUMENT_REMINDED.label
    REQUEST_DOCUMENT_PROLONGED = "request.document_prolonged", Act.DOCUMENT_PROLONGED.label
    REQUEST_DOCUMENT_WITHDRAWN = "request.document_withdrawn", Act.DOCUMENT_WITHDRAWN.label
    REQUEST_REOPENED = "request.reopened", Act.REOPENED.label
    REQUEST_ACCESS_SUSPENDED = "request.access_suspended", Act.ACCESS_SUSPENDED.label
    REQUEST_ACCESS_RESTORED = "request.access_restored", Act.ACCESS_RESTORED.label
    REQUEST_REMINDED = "request.reminded", Act.REMINDED.label
    REQUEST_ESCALATED = "request.escalated", Act.ESCALATED.label
    REQUEST_NOTED = "request.noted", Act.NOTED.label
    REQUEST_UNDELIVERED = "request.undelivered", Act.UNDELIVERED.label
    REQUEST_MAIL_RESENT = "request.mail_resent", Act.MAIL_RESENT.label
    REQUEST_TOLD_OTHERWISE = "request.told_otherwise", Act.TOLD_OTHERWISE.label
    ACCESS_ROLE_ASKED = "access.role_asked", "Autre rôle demandé"
    REQUESTS_EXPORTED = "requests.exported", "Demandes exportées"
    ACCESS_REVIEW_OPENED = "access_review.opened", "Vérification d’accès ouverte"
    ACCESS_REVIEW_ANSWERED = "access_review.answered", "Vérification d’accès\u00a0: compte vérifié"
    ACCESS_REVIEW_CLOSED = "access_review.closed", "Vérification d’accès close"


WORDS = JournalWords(
    acts=RegistrationAct,
    families={
        "request": "Demandes",
        "requests": "Exports",
        "access_review": "Vérifications d’accès",
    },
    reasons={
        "access_review": {**dict(ReviewChoice.choices), **dict(ReviewOutcome.choices)},
        "request": {
            **dict(Role.choices),
            # As shipped; those that staff add or reword are asked of the table (`reason_labels`).
            **{proposal.code: proposal.label for proposal in shipped_texts.REASONS},
            "registrations.access_suspended": "accès suspendu",
            "registrations.approved": "demande acceptée",
            "registrations.document_asked": "document demandé",
            "registrations.refused": "demande refusée",
            "registrations.reopened": "demande rouverte",
            "branch": "autre branche",
            "delegation": "autre délégation",
            "dga": "autre DGA",
            "rerouted": "réorientée par la correction",
        },
        "requests": {"csv": "fichier CSV"},
    },
    objects={"access_review": "vérification d’accès", "request": "demande"},
    details={
        "count": "nombre de demandes",
        "fields": "champs corrigés",
        "files": "fichiers",
        "filters": "filtres",
        "to": "attribuée à",
    },
    values={
        "fields": {field.name: str(field.verbose_name) for field in Request._meta.concrete_fields}
    },
    authors={
        "registrations": "suivi des demandes",
        "registrations.reviews": "vérification des accès",
    },
)
