"""Journal acts of this application: codes and French labels."""

from accounts.legal.models import TermsAcceptance
from mgestion.journal.words import JournalAct, JournalWords


class LegalAct(JournalAct):
    TERMS_ACCEPTED = "terms.accepted", "Conditions d’utilisation acceptées"
    TERMS_PUBLISHED = "terms.published", "Conditions d’utilisation publiées"
    TERMS_WITHDRAWN = "terms.withdrawn", "Version à venir des conditions retirée"
    TERMS_ASKED = "terms.asked", "Ancienne version des conditions demandée"
    TERMS_SENT = "terms.sent", "Ancienne version des conditions envoyée"


WORDS = JournalWords(
    acts=LegalAct,
    families={
        "terms": "Conditions d’utilisation",
    },
    reasons={
        "terms": dict(TermsAcceptance.Where.choices),
    },
    objects={
        "terms": "version des conditions générales",
        "conditions": "version de conditions spécifiques",
        "terms_request": "demande d’ancienne version",
    },
)
