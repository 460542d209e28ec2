"""The journal acts of the journal itself, with their French labels."""

from mgestion.journal.words import JournalAct, JournalWords


class JournalUpkeepAct(JournalAct):
    JOURNAL_PURGED = "journal.purged", "Journal\u00a0: anciennes lignes effacées"


WORDS = JournalWords(
    acts=JournalUpkeepAct,
    families={"journal": "Journal"},
    reasons={"journal": {"retention": "durée de conservation écoulée"}},
    objects={"journal": "journal"},
    details={
        "added": "ajouté",
        "after": "après",
        "before": "avant",
        "changed": "modifié",
        "code": "code",
        "deleted": "supprimé",
        "entries": "lignes",
        "text": "texte",
    },
    authors={"journal.purge": "purge du journal"},
)
