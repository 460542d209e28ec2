"""Journal acts of this application: codes and French labels."""

from accounts.people.enums import DeactivationReason
from mgestion.journal.words import JournalAct, JournalWords


class AccountAct(JournalAct):
    ACCOUNT_ACTIVATED = "account.activated", "Compte activé (mot de passe créé)"
    ACCOUNT_REVIVED = "account.revived", "Compte réactivé par une connexion ou une activité"
    ACCOUNT_DEACTIVATED = "account.deactivated", "Compte désactivé"
    ACCOUNT_REACTIVATED = "account.reactivated", "Compte réactivé"
    ACCOUNT_SUSPENDED = "account.suspended", "Compte suspendu"
    ACCOUNT_SUSPENSION_LIFTED = "account.suspension_lifted", "Suspension levée"
    ACCOUNT_CLOSING = "account.closing", "Fermeture du compte demandée"
    ACCOUNT_CLOSURE_CANCELLED = "account.closure_cancelled", "Fermeture du compte annulée"
    ACCOUNT_ERASED = "account.erased", "Compte supprimé"
    ALLOWED_ADDRESS_ADDED = "allowed_address.added", "Adresse autorisée ajoutée"
    ALLOWED_ADDRESS_CHANGED = "allowed_address.changed", "Adresse autorisée modifiée"
    ALLOWED_ADDRESS_REMOVED = "allowed_address.removed", "Adresse autorisée retirée"
    BLOCK_ADDED = "block.added", "Adresse bloquée"
    BLOCK_MAINTAINED = "block.maintained", "Blocage maintenu"
    BLOCK_LIFTED = "block.lifted", "Blocage levé"


WORDS = JournalWords(
    acts=AccountAct,
    families={
        "account": "Comptes",
        "allowed_address": "Adresses autorisées",
        "block": "Blocages",
    },
    reasons={
        "account": {
            **dict(DeactivationReason.choices),
            "activity": "activité sur une plateforme",
            "email": "demandée par e-mail",
            "inactivity": "inactivité de 24 mois",
            "letter": "demandée par lettre",
            "login": "connexion de la personne",
            "portal": "demandée sur le portail",
        },
        "block": dict(DeactivationReason.choices),
    },
    objects={
        "account": "compte",
        "allowed_address": "adresse autorisée",
        "blocked_person": "adresse bloquée",
    },
    details={"note": "note", "pattern": "adresse ou domaine"},
    authors={
        "accounts.erasure": "effacement des comptes",
        "load_reference": "chargement des tables",
        "demo": "démonstration",
    },
)
