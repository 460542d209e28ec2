"""The acts of this room, as the journal shows them."""

from mgestion.journal.words import JournalAct, JournalWords


class MailAct(JournalAct):
    MAIL_RESENT = "mail.resent", "E-mail remis en file"


WORDS = JournalWords(
    acts=MailAct,
    families={
        "mail": "E-mails",
    },
    objects={"mail": "e-mail"},
)
