"""The acts of this room, as the journal shows them."""

ACTS = {
    "platform": "Plateformes",
    "platform.refused": "Entrée sur une plateforme refusée",
}
