"""The acts of this room, as the journal shows them."""

ACTS = {
    "data": "Données personnelles",
    "identity": "Identité",
    "session": "Sessions (une)",
    "sessions": "Sessions (toutes)",
    "data.exported": "Données personnelles exportées",
    "identity.rectified": "Identité rectifiée",
    "session.ended": "Session fermée",
    "sessions.ended": "Toutes les sessions fermées",
}
