"""The journal acts of the journal itself, with their French labels."""

from mgestion.journal.words import JournalAct, JournalWords


class JournalUpkeepAct(JournalAct):
    JOURNAL_EXPORTED = "journal.exported", "Journal\u00a0: lignes exportées"
    JOURNAL_PURGED = "journal.purged", "Journal\u00a0: anciennes lignes effacées"


WORDS = JournalWords(
    acts=JournalUpkeepAct,
    families={"journal": "Journal"},
    reasons={"journal": {"csv": "fichier CSV", "retention": "durée de conservation écoulée"}},
    objects={"journal": "journal"},
    details={
        "added": "ajouté",
        "after": "après",
        "before": "avant",
        "changed": "modifié",
        "code": "code",
        "deleted": "supprimé",
        "entries": "lignes",
        "filters": "filtres",
        "text": "texte",
    },
    authors={"journal.purge": "purge du journal"},
)
