"""The acts of this room, as the journal shows them."""

from accounts.habilitations.enums import Role
from mgestion.journal.words import JournalAct, JournalWords
from registrations.reference import shipped_texts
from registrations.requests.enums import RequestAct, ReviewChoice, ReviewOutcome
from registrations.requests.models import Request


class RegistrationAct(JournalAct):
    REQUEST_SUBMITTED = "request.submitted", RequestAct.SUBMITTED.label
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
    REQUEST_REOPENED = "request.reopened", RequestAct.REOPENED.label
    REQUEST_ACCESS_SUSPENDED = "request.access_suspended", RequestAct.ACCESS_SUSPENDED.label
    REQUEST_ACCESS_RESTORED = "request.access_restored", RequestAct.ACCESS_RESTORED.label
    REQUEST_REMINDED = "request.reminded", RequestAct.REMINDED.label
    REQUEST_ESCALATED = "request.escalated", RequestAct.ESCALATED.label
    REQUEST_NOTED = "request.noted", RequestAct.NOTED.label
    REQUEST_UNDELIVERED = "request.undelivered", RequestAct.UNDELIVERED.label
    REQUEST_MAIL_RESENT = "request.mail_resent", RequestAct.MAIL_RESENT.label
    REQUEST_TOLD_OTHERWISE = "request.told_otherwise", RequestAct.TOLD_OTHERWISE.label
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
            **{proposal.code: proposal.label for proposal in shipped_texts.SHIPPED_REASONS},
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
