"""The acts of this room, as the journal shows them."""

from accounts.profile.enums import Right

ACTS = {
    "data": "Données personnelles",
    "identity": "Identité",
    "rights": "Droits des personnes",
    "session": "Sessions (une)",
    "sessions": "Sessions (toutes)",
    "data.exported": "Données personnelles exportées",
    "data.export_asked": "Copie des données demandée",
    "data.export_built": "Copie des données préparée",
    "identity.rectified": "Identité rectifiée",
    "rights.received": "Demande de droit reçue",
    "rights.acknowledged": "Demande de droit\u00a0: accusé de réception",
    "rights.extended": "Demande de droit prolongée",
    "rights.answered": "Demande de droit\u00a0: réponse donnée",
    "rights.refused": "Demande de droit refusée",
    "rights.closed": "Demande de droit close",
    "rights.noted": "Demande de droit\u00a0: notes modifiées",
    "rights.account_closed": "Demande de droit\u00a0: fermeture du compte lancée",
    "session.ended": "Session fermée",
    "sessions.ended": "Toutes les sessions fermées",
}
REASONS = {
    "rights": dict(Right.choices),
    "session": {"own": "par la personne elle-même"},
    "sessions": {"own": "par la personne elle-même"},
    "mail": {
        "profile.export_ready": "copie de données prête",
        "profile.identity_changed": "identité modifiée",
        "profile.rights_acknowledged": "demande de droit\u00a0: accusé de réception",
        "profile.rights_due": "demande de droit\u00a0: échéance",
        "profile.rights_extended": "demande de droit\u00a0: délai prolongé",
        "profile.rights_received": "demande de droit reçue",
        "profile.rights_settled": "demande de droit\u00a0: réponse",
    },
}
OBJECTS = {"rights": "demande de droit"}
DETAILS = {"first_name": "prénom", "last_name": "nom", "phone": "téléphone"}
AUTHORS = {"profile.exports": "copies de données"}
