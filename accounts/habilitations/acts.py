"""The acts of this room, as the journal shows them."""

ACTS = {
    "access": "Accès",
    "staff": "Agents",
    "token": "Jetons d’API",
    "reference": "Tables de référence",
    "access.granted": "Accès accordé",
    "access.role_changed": "Rôle d’un accès modifié",
    "access.ended": "Accès terminé",
    "access.suspended": "Accès à une plateforme suspendu",
    "access.restored": "Accès à une plateforme rétabli",
    "staff.appointed": "Agent nommé",
    "staff.changed": "Droits d’un agent modifiés",
    "staff.dismissed": "Rôle d’agent retiré",
    "token.created": "Jeton d’API créé",
    "token.revoked": "Jeton d’API révoqué",
    "reference.added": "Table de référence\u00a0: ligne ajoutée",
    "reference.changed": "Table de référence\u00a0: ligne modifiée",
    "reference.deleted": "Table de référence\u00a0: ligne supprimée",
    "reference.rules_changed": "Règles d’une plateforme modifiées",
}
