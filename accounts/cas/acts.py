"""The journal acts of single sign-on, with their French labels."""

from mgestion.journal.words import JournalAct, JournalWords


class CasAct(JournalAct):
    PLATFORM_REFUSED = "platform.refused", "Entrée sur une plateforme refusée"


WORDS = JournalWords(
    acts=CasAct,
    families={
        "platform": "Plateformes",
    },
    reasons={"platform": {"no_access": "aucun accès ouvert à cette plateforme"}},
)
