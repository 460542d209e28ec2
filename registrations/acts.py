"""How the journal shows the acts of this app."""

from accounts.habilitations.enums import Role
from mgestion.journal.words import JournalWords
from registrations.reference import shipped_texts
from registrations.requests.enums import RegistrationAct, ReviewChoice, ReviewOutcome
from registrations.requests.models import Request

WORDS = JournalWords(
    acts=RegistrationAct,
    families={
        "request": "Demandes",
        "requests": "Exports",
        "access_review": "Vérifications d’accès",
        "contacts": "Contacts connus",
        "invitation": "Invitations",
        "queue_view": "Vues de la file",
    },
    reasons={
        "access_review": {**dict(ReviewChoice.choices), **dict(ReviewOutcome.choices)},
        "request": {
            **dict(Role.choices),
            # As shipped; `get_reason_labels` reads those that staff add or reword.
            **{proposal.code: proposal.label for proposal in shipped_texts.SHIPPED_REASONS},
            "registrations.access_suspended": "accès suspendu",
            "registrations.approved": "demande acceptée",
            "registrations.document_asked": "document demandé",
            "registrations.refused": "demande refusée",
            "registrations.reopened": "demande rouverte",
            "branch": "autre branche",
            "favourable": "avis favorable",
            "unfavourable": "avis défavorable",
            "neither": "sans avis",
            "delegation": "autre délégation",
            "dga": "autre DGA",
            "rerouted": "réorientée par la correction",
        },
        "requests": {"csv": "fichier CSV"},
    },
    objects={
        "access_review": "vérification d’accès",
        "contacts": "liste des contacts connus",
        "invitation": "invitation",
        "queue_view": "vue de la file",
        "request": "demande",
    },
    details={
        "contacts": "contacts",
        "contacts_before": "contacts remplacés",
        "count": "nombre de demandes",
        "fields": "champs corrigés",
        "files": "fichiers",
        "filters": "filtres",
        "shared": "partagée avec",
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
