"""Journal acts of this application: codes and French labels."""

from accounts.habilitations.enums import EndReason, EstablishmentKind, Role, Scope, StaffRole
from accounts.people.enums import DeactivationReason
from mgestion.journal.words import JournalAct, JournalWords


class HabilitationAct(JournalAct):
    ACCESS_GRANTED = "access.granted", "Accès accordé"
    ACCESS_ROLE_CHANGED = "access.role_changed", "Rôle d’un accès modifié"
    ACCESS_ENDED = "access.ended", "Accès terminé"
    ACCESS_SUSPENDED = "access.suspended", "Accès à une plateforme suspendu"
    ACCESS_RESTORED = "access.restored", "Accès à une plateforme rétabli"
    ACCESS_MOVED = "access.moved", "Accès déplacé vers un autre établissement"
    ESTABLISHMENT_ADDED = "establishment.added", "Établissement ajouté par un agent"
    STAFF_APPOINTED = "staff.appointed", "Agent nommé"
    STAFF_CHANGED = "staff.changed", "Droits d’un agent modifiés"
    STAFF_DISMISSED = "staff.dismissed", "Rôle d’agent retiré"
    TOKEN_CREATED = "token.created", "Jeton d’API créé"
    TOKEN_REVOKED = "token.revoked", "Jeton d’API révoqué"
    REFERENCE_ADDED = "reference.added", "Table de référence\u00a0: ligne ajoutée"
    REFERENCE_CHANGED = "reference.changed", "Table de référence\u00a0: ligne modifiée"
    REFERENCE_DELETED = "reference.deleted", "Table de référence\u00a0: ligne supprimée"
    REFERENCE_RULES_CHANGED = "reference.rules_changed", "Règles d’une plateforme modifiées"


_ROLES = {**dict(Role.choices), **dict(StaffRole.choices)}

WORDS = JournalWords(
    acts=HabilitationAct,
    families={
        "access": "Accès",
        "establishment": "Établissements",
        "staff": "Agents",
        "token": "Jetons d’API",
        "reference": "Tables de référence",
    },
    reasons={
        "access": {
            **dict(
                DeactivationReason.choices
            ),  # an administrator who ends the accesses of their place
            **dict(EndReason.choices),
            "request_reopened": "demande rouverte",
        },
    },
    objects={"staff": "agent", "token": "jeton d’API"},
    details={
        "delegations": "délégations",
        "dgas": "DGA",
        "establishment_kind": "type d’établissement",
        "expires_at": "expire le",
        "label": "libellé",
        "platform": "plateforme",
        "role": "rôle",
        "said": "motif",
        "scopes": "droits",
    },
    values={
        "role": _ROLES,
        "before": _ROLES,
        "after": _ROLES,
        "scopes": dict(Scope.choices),
        "establishment_kind": dict(EstablishmentKind.choices),
    },
)
