"""The acts of this room, as the journal shows them."""

ACTS = {
    "mail": "E-mails",
    "mail.resent": "E-mail remis en file",
}
OBJECTS = {"mail": "e-mail"}
