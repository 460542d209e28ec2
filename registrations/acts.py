"""The acts of this room, as the journal shows them."""

from registrations.enums import Act

ACTS = {
    "request": "Demandes",
    "requests": "Exports",
    "access_review": "Vérifications d’accès",
    **{f"request.{act}": act.label for act in Act},
    "access.role_asked": "Autre rôle demandé",
    "requests.exported": "Demandes exportées",
    "access_review.opened": "Vérification d’accès ouverte",
    "access_review.answered": "Vérification d’accès\u00a0: compte vérifié",
    "access_review.closed": "Vérification d’accès close",
}
