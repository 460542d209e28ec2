"""The acts of this room, as the journal shows them."""

from accounts.legal.models import TermsAcceptance

ACTS = {
    "terms": "Conditions d’utilisation",
    "terms.accepted": "Conditions d’utilisation acceptées",
    "terms.published": "Conditions d’utilisation publiées",
    "terms.withdrawn": "Version à venir des conditions retirée",
    "terms.asked": "Ancienne version des conditions demandée",
    "terms.sent": "Ancienne version des conditions envoyée",
}
REASONS = {
    "terms": dict(TermsAcceptance.Where.choices),
    "mail": {
        "legal.terms_notice": "nouvelles conditions d’utilisation",
        "legal.terms_withdrawn": "nouvelles conditions retirées",
        "legal.version_sent": "ancienne version des conditions",
    },
}
OBJECTS = {"terms": "version des conditions", "terms_request": "demande d’ancienne version"}
