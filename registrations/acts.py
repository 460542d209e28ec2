"""The acts of this room, as the journal shows them."""

from registrations.enums import Act

ACTS = {
    "request": "Demandes",
    "requests": "Exports",
    **{f"request.{act}": act.label for act in Act},
    "access.role_asked": "Autre rôle demandé",
    "requests.exported": "Demandes exportées",
}
