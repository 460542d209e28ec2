"""The acts of this room, as the journal shows them."""

ACTS = {
    "platform": "Plateformes",
    "platform.refused": "Entrée sur une plateforme refusée",
}
REASONS = {"platform": {"no_access": "aucun accès ouvert à cette plateforme"}}
