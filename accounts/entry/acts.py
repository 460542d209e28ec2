"""The journal acts of login, sign-up and second factor, with their French labels."""

from accounts.people.enums import Status
from mgestion.journal.words import JournalAct, JournalWords


class EntryAct(JournalAct):
    ACCOUNT_CREATED = "account.created", "Compte créé"
    ACCOUNT_LOSS_REPORTED = "account.loss_reported", "Perte ou vol d’identifiants signalé"
    ADDRESS_ASKED = "address.asked", "Changement d’adresse demandé"
    ADDRESS_CHANGED = "address.changed", "Adresse e-mail changée"
    FACTOR_ADDED = "factor.added", "Double authentification ajoutée"
    FACTOR_REPLACED = "factor.replaced", "Double authentification remplacée"
    FACTOR_REMOVED = "factor.removed", "Double authentification retirée"
    FACTOR_APPLICATION_REMOVED = "factor.application_removed", "Application de codes retirée"
    FACTOR_PASSKEY_ADDED = "factor.passkey_added", "Clé d’accès ajoutée"
    FACTOR_PASSKEY_REMOVED = "factor.passkey_removed", "Clé d’accès retirée"
    FACTOR_PASSKEY_COPIED = "factor.passkey_copied", "Clé d’accès copiée, refusée"
    FACTOR_RESET = "factor.reset", "Double authentification retirée par un agent"
    FACTOR_CODES_RENEWED = "factor.codes_renewed", "Codes de secours renouvelés"
    FACTOR_SET_ASIDE = "factor.set_aside", "Double authentification récente mise de côté"
    FACTOR_GIVEN_BACK = (
        "factor.given_back",
        "Double authentification mise de côté, rendue par un agent",
    )
    FACTOR_DROPPED = (
        "factor.dropped",
        "Double authentification mise de côté, supprimée par un agent",
    )
    FACTOR_RECOVERY_USED = "factor.recovery_used", "Code de secours utilisé"
    LOGIN_SUCCEEDED = "login.succeeded", "Connexion"
    LOGIN_REFUSED = "login.refused", "Connexion refusée"
    LOGIN_UNLOCKED = "login.unlocked", "Connexion déverrouillée"
    LOGIN_UNLOCK_SENT = "login.unlock_sent", "Déverrouillage envoyé par un agent"
    PASSWORD_CREATED = "password.created", "Mot de passe créé"
    PASSWORD_CHANGED = "password.changed", "Mot de passe changé"
    PASSWORD_RESET_SENT = "password.reset_sent", "Réinitialisation envoyée par un agent"
    SESSIONS_ENDED = "sessions.ended", "Toutes les sessions fermées"


WORDS = JournalWords(
    acts=EntryAct,
    families={
        "address": "Changements d’adresse",
        "factor": "Double authentification",
        "login": "Connexions",
        "password": "Mots de passe",
    },
    reasons={
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
            "passkey_not_alone": "clé d’accès refusée sans mot de passe, après une perte "
            "signalée ou un nouveau mot de passe",
            "passkey_wrong": "clé d’accès incorrecte",
            "second_factor": "code incorrect",
        },
        "address": {"written": "sur demande écrite de la personne"},
        "password": {"own": "par la personne elle-même", "reset": "après un mot de passe oublié"},
    },
    objects={"address": "adresse (empreinte)"},
    details={
        "factor": "double authentification",
        "ip": "adresse IP",
        "new": "nouvelle adresse",
        "old": "ancienne adresse",
    },
    values={
        "factor": {
            "application": "application de codes",
            "passkey": "clé d’accès",
            "recovery": "code de secours",
        }
    },
    authors={"entry.sign_up": "inscription", "entry.address": "changement d’adresse"},
)
