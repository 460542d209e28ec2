"""The acts of this room, as the journal shows them."""

ACTS = {
    "terms": "Conditions d’utilisation",
    "terms.accepted": "Conditions d’utilisation acceptées",
    "terms.published": "Conditions d’utilisation publiées",
    "terms.asked": "Ancienne version des conditions demandée",
    "terms.sent": "Ancienne version des conditions envoyée",
}
