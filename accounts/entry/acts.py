"""The acts of this room, as the journal shows them."""

from accounts.enums import Status

ACTS = {
    "address": "Changements d’adresse",
    "factor": "Double authentification",
    "login": "Connexions",
    "password": "Mots de passe",
    "account.created": "Compte créé",
    "account.loss_reported": "Perte ou vol d’identifiants signalé",
    "address.asked": "Changement d’adresse demandé",
    "address.changed": "Adresse e-mail changée",
    "factor.added": "Double authentification ajoutée",
    "factor.replaced": "Double authentification remplacée",
    "factor.removed": "Double authentification retirée",
    "factor.application_removed": "Application de codes retirée",
    "factor.passkey_added": "Clé d’accès ajoutée",
    "factor.passkey_removed": "Clé d’accès retirée",
    "factor.passkey_copied": "Clé d’accès copiée, refusée",
    "factor.reset": "Double authentification retirée par un agent",
    "factor.codes_renewed": "Codes de secours renouvelés",
    "factor.set_aside": "Double authentification récente mise de côté",
    "factor.given_back": "Double authentification mise de côté, rendue par un agent",
    "factor.dropped": "Double authentification mise de côté, supprimée par un agent",
    "factor.recovery_used": "Code de secours utilisé",
    "login.succeeded": "Connexion",
    "login.refused": "Connexion refusée",
    "login.unlocked": "Connexion déverrouillée",
    "login.unlock_sent": "Déverrouillage envoyé par un agent",
    "password.created": "Mot de passe créé",
    "password.changed": "Mot de passe changé",
    "password.reset_sent": "Réinitialisation envoyée par un agent",
}
REASONS = {
    "login": {
        **{status.value: status.label for status in Status},
        "delayed": "trop d’essais\u00a0: attente",
        "expired": "délai de 15\u00a0jours écoulé",
        "locked": "connexion verrouillée",
        "mailed_code": "code reçu par e-mail incorrect",
        "mismatch": "adresse ou mot de passe incorrects",
        "new_device": "nouvel appareil",
        "passkey": "clé d’accès inconnue",
        "passkey_copied": "clé d’accès copiée",
        "passkey_not_alone": "clé d’accès refusée sans mot de passe, après une perte signalée ou "
        "un nouveau mot de passe",
        "passkey_wrong": "clé d’accès incorrecte",
        "second_factor": "code incorrect",
    },
    "address": {"written": "sur demande écrite de la personne"},
    "password": {"own": "par la personne elle-même", "reset": "après un mot de passe oublié"},
    "mail": {
        "entry.account_exists": "inscription avec une adresse connue",
        "entry.address_changed": "adresse changée",
        "entry.confirm_address": "confirmation d’une nouvelle adresse",
        "entry.create_password": "création du mot de passe",
        "entry.factor_changed": "double authentification changée",
        "entry.factor_code": "code pour la double authentification",
        "entry.loss_link": "signalement d’une perte\u00a0: lien",
        "entry.loss_reported": "perte signalée",
        "entry.new_device": "nouvel appareil",
        "entry.password_changed": "mot de passe changé",
        "entry.reset": "mot de passe oublié",
        "entry.unlock": "déverrouillage",
    },
}
OBJECTS = {"address": "adresse (empreinte)"}
DETAILS = {
    "factor": "double authentification",
    "ip": "adresse IP",
    "new": "nouvelle adresse",
    "old": "ancienne adresse",
}
VALUES = {
    "factor": {
        "application": "application de codes",
        "passkey": "clé d’accès",
        "recovery": "code de secours",
    }
}
AUTHORS = {"entry.sign_up": "inscription", "entry.address": "changement d’adresse"}
