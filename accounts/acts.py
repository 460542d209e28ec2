"""The acts of this room, as the journal shows them."""

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
