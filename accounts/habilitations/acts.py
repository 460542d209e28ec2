"""The acts of this room, as the journal shows them."""

from accounts.enums import DeactivationReason
from accounts.habilitations.enums import EndReason, Role, Scope, StaffRole

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
REASONS = {
    "access": {
        **dict(DeactivationReason.choices),  # an administrator who ends the accesses of his place
        **dict(EndReason.choices),
        "request_reopened": "demande rouverte",
    },
    "mail": {
        "habilitations.access_restored": "accès rétabli",
        "habilitations.access_suspended": "accès suspendu",
        "habilitations.new_access": "nouvel accès dans l’établissement",
        "habilitations.token_expiring": "jeton d’API bientôt périmé",
    },
}
OBJECTS = {"staff": "agent", "token": "jeton d’API"}
DETAILS = {
    "delegations": "délégations",
    "dgas": "DGA",
    "expires_at": "expire le",
    "label": "libellé",
    "platform": "plateforme",
    "role": "rôle",
    "said": "motif donné à la personne",
    "scopes": "droits",
}
_ROLES = {**dict(Role.choices), **dict(StaffRole.choices)}
VALUES = {
    "role": _ROLES,
    "before": _ROLES,
    "after": _ROLES,
    "scopes": dict(Scope.choices),
}
