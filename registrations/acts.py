"""The acts of this room, as the journal shows them."""

from accounts.habilitations.enums import Role
from registrations import reference
from registrations.enums import Act, ReviewChoice, ReviewOutcome
from registrations.models import Request

ACTS = {
    "request": "Demandes",
    "requests": "Exports",
    "access_review": "Vérifications d’accès",
    **{f"request.{act}": act.label for act in Act},
    "access.role_asked": "Autre rôle demandé",
    "requests.exported": "Demandes exportées",
    "access_review.opened": "Vérification d’accès ouverte",
    "access_review.answered": "Vérification d’accès\u00a0: compte vérifié",
    "access_review.closed": "Vérification d’accès close",
}
REASONS = {
    "access_review": {**dict(ReviewChoice.choices), **dict(ReviewOutcome.choices)},
    "request": {
        **dict(Role.choices),
        # As shipped; those that staff add or reword are asked of the table (`reason_labels`).
        **{proposal.code: proposal.label for proposal in reference.REASONS},
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
    "mail": {
        "registrations.access_ended": "accès terminé",
        "registrations.access_restored": "accès rétabli",
        "registrations.access_review": "vérification des accès",
        "registrations.access_review_reminder": "vérification des accès\u00a0: rappel",
        "registrations.access_suspended": "accès suspendu",
        "registrations.acknowledgment": "demande enregistrée",
        "registrations.approved": "demande acceptée",
        "registrations.digest": "demandes à traiter",
        "registrations.document_asked": "document demandé",
        "registrations.document_prolonged": "document demandé\u00a0: délai prolongé",
        "registrations.document_received": "document reçu",
        "registrations.document_reminder": "document demandé\u00a0: rappel",
        "registrations.document_withdrawn": "document plus demandé",
        "registrations.no_administrator": "établissement sans administrateur",
        "registrations.overdue": "demande en retard",
        "registrations.late": "excuse pour notre retard",
        "registrations.refused": "demande refusée",
        "registrations.reminder": "demande à traiter\u00a0: rappel",
        "registrations.reopened": "demande rouverte",
        "registrations.role_asked": "autre rôle demandé",
        "registrations.to_delegation": "nouvelle demande",
        "registrations.undelivered": "e-mail non remis à la personne",
    },
}
OBJECTS = {"access_review": "vérification d’accès", "request": "demande"}
DETAILS = {
    "count": "nombre de demandes",
    "fields": "champs corrigés",
    "files": "fichiers",
    "filters": "filtres",
    "to": "attribuée à",
}
VALUES = {
    "fields": {field.name: str(field.verbose_name) for field in Request._meta.concrete_fields}
}
AUTHORS = {"registrations": "suivi des demandes", "registrations.reviews": "vérification des accès"}
