"""The journal acts of those who run the portal, with their French labels."""

from mgestion.journal.words import JournalAct, JournalWords


class OperationsAct(JournalAct):
    JOB_ASKED = "job.asked", "Tâche lancée à la main"
    KEYS_ROTATED = "key.rotated", "Secrets chiffrés avec la nouvelle clé"


WORDS = JournalWords(
    acts=OperationsAct,
    families={"job": "Tâches planifiées", "key": "Clés"},
    objects={"job": "tâche planifiée", "key": "clé"},
    details={"rows": "lignes"},
    authors={"command:jobs": "commande jobs", "command:keys": "commande keys"},
)
