"""The journal acts of those who run the portal, with their French labels."""

from mgestion.journal.words import JournalAct, JournalWords


class OperationsAct(JournalAct):
    JOB_ASKED = "job.asked", "Tâche lancée à la main"


WORDS = JournalWords(
    acts=OperationsAct,
    families={"job": "Tâches planifiées"},
    objects={"job": "tâche planifiée"},
)
