"""The acts of this room, as the journal shows them."""

from lifecycle.enums import Cause, HoldReason, ReviewKind

ACTS = {
    "lifecycle": "Cycle de vie",
    "review": "Revues",
    "lifecycle.held": "Procédure retenue",
    "lifecycle.released": "Procédure reprise",
    "lifecycle.extended": "Échéances prolongées",
    "review.kept": "Droits ou suspension confirmés (revue)",
}
REASONS = {
    "account": {
        **dict(Cause.choices),
        "never_completed": "inscription jamais achevée",
        "reconciled": "supprimé de nouveau après une restauration",
    },
    "lifecycle": dict(HoldReason.choices),
    "review": dict(ReviewKind.choices),
    "mail": {
        "lifecycle.closed": "compte supprimé",
        "lifecycle.inactivity_deactivated": "compte désactivé pour inactivité",
        "lifecycle.inactivity_notice": "avertissement d’inactivité",
        "lifecycle.reviews": "revues à faire",
        "lifecycle.sign_up_reminder": "inscription à terminer",
    },
}
OBJECTS = {"lifecycle": "cycle de vie"}
AUTHORS = {"lifecycle": "cycle de vie", "command": "commande d’exploitation"}
