"""The acts of this room, as the journal shows them."""

from lifecycle.enums import Cause, HoldReason, ProposalReason, ReviewKind

ACTS = {
    "lifecycle": "Cycle de vie",
    "review": "Revues",
    "lifecycle.held": "Procédure retenue",
    "lifecycle.released": "Procédure reprise",
    "lifecycle.mail_returned": "E-mail revenu non distribué",
    "lifecycle.letter_posted": "Personne prévenue par lettre",
    "lifecycle.address_proposed": "Correction de l’adresse proposée",
    "lifecycle.address_confirmed": "Correction de l’adresse confirmée",
    "lifecycle.erasure_proposed": "Effacement proposé",
    "lifecycle.erasure_confirmed": "Effacement confirmé",
    "lifecycle.proposal_refused": "Proposition écartée",
    "lifecycle.proposal_withdrawn": "Proposition retirée",
    "lifecycle.extended": "Échéances prolongées",
    "review.kept": "Droits ou suspension confirmés (revue)",
}
REASONS = {
    "account": {
        **dict(Cause.choices),
        "never_completed": "inscription jamais achevée",
        "mailbox_asked": "à la demande écrite de la personne, boîte injoignable",
        "mailbox_letter": "délai passé après une lettre, boîte injoignable",
        "reconciled": "supprimé de nouveau après une restauration",
    },
    "lifecycle": {**dict(HoldReason.choices), **dict(ProposalReason.choices)},
    "review": dict(ReviewKind.choices),
    "mail": {
        "lifecycle.closed": "compte supprimé",
        "lifecycle.inactivity_deactivated": "compte désactivé pour inactivité",
        "lifecycle.inactivity_notice": "avertissement d’inactivité",
        "lifecycle.reviews": "revues à faire",
        "lifecycle.waiting": "comptes en attente d’un agent",
        "lifecycle.sign_up_reminder": "inscription à terminer",
    },
}
OBJECTS = {"lifecycle": "cycle de vie"}
AUTHORS = {"lifecycle": "cycle de vie", "command": "commande d’exploitation"}
