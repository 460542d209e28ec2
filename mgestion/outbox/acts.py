"""The journal acts of the outbox, and their labels."""

from mgestion.journal.words import JournalAct, JournalWords


class MailAct(JournalAct):
    MAIL_RESENT = "mail.resent", "E-mail remis en file"
    REPORT_FORGED = "mail.report_forged", "Retours d’e-mails refusés\u00a0: signature non valable"
    MAIL_RETURNED = "mail.returned", "Retour d’un e-mail non remis, lu par le portail"
    ADDRESS_UNBLOCKED = "mail.unblocked", "Adresse e-mail débloquée"
    MAIL_TEXT_CHANGED = "mail_text.changed", "Texte d’e-mail modifié"
    MAIL_TEXT_RESTORED = "mail_text.restored", "Texte d’e-mail\u00a0: retour au texte d’origine"


WORDS = JournalWords(
    acts=MailAct,
    families={
        "mail": "E-mails",
        "mail_text": "Textes des e-mails",
    },
    objects={"mail": "e-mail"},
    authors={"outbox.bounces": "lecture des e-mails revenus"},
)
