"""The acts of this room, as the journal shows them."""

from accounts.enums import DeactivationReason

ACTS = {
    "account": "Comptes",
    "allowed_address": "Adresses autorisées",
    "block": "Blocages",
    "account.activated": "Compte activé (mot de passe créé)",
    "account.revived": "Compte réactivé par une connexion ou une activité",
    "account.deactivated": "Compte désactivé",
    "account.reactivated": "Compte réactivé",
    "account.suspended": "Compte suspendu",
    "account.suspension_lifted": "Suspension levée",
    "account.closing": "Fermeture du compte demandée",
    "account.closure_cancelled": "Fermeture du compte annulée",
    "account.erased": "Compte supprimé",
    "allowed_address.added": "Adresse autorisée ajoutée",
    "allowed_address.changed": "Adresse autorisée modifiée",
    "allowed_address.removed": "Adresse autorisée retirée",
    "block.added": "Adresse bloquée",
    "block.maintained": "Blocage maintenu",
    "block.lifted": "Blocage levé",
}
REASONS = {
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
    "mail": {
        "accounts.admin_deactivated": "compte désactivé",
        "accounts.closing": "fermeture du compte",
        "accounts.suspended": "compte suspendu",
        "accounts.suspension_lifted": "suspension levée",
    },
}
OBJECTS = {
    "account": "compte",
    "allowed_address": "adresse autorisée",
    "blocked_person": "adresse bloquée",
}
DETAILS = {"note": "note", "pattern": "adresse ou domaine"}
AUTHORS = {
    "accounts.erasure": "effacement des comptes",
    "load_reference": "chargement des tables",
    "demo": "démonstration",
}
