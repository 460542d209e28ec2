"""Mails, as data about the person they were sent to."""

from mgestion.outbox.models import Bounce, Mail, MailText
from mgestion.personal_data import (
    ErasureStage,
    PersonalData,
    RetentionLine,
    describe_acts,
    name_columns,
    retention_text,
)

KEPT = RetentionLine(
    50,
    "Texte des e-mails envoyés",
    lambda: f"{retention_text('mail_bodies')()}, et jamais plus que le compte",
    "Répondre à qui n’a pas reçu un e-mail",
)
KEPT_TEXTS = RetentionLine(
    51,
    "Textes d’e-mails modifiés par un agent",
    lambda: "Sous un identifiant qui ne mène plus à personne une fois le compte supprimé",
    "Savoir ce que le portail a écrit, et qui en a décidé",
)
ENTRIES = {
    "outbox.mail": PersonalData(
        title="E-mails qui vous ont été envoyés",
        columns=name_columns("outbox.mail", "person", "subject_id", "to", "text", "html", "data"),
        reason="No mail log survives the account, and nothing more may leave for it.",
        kept=KEPT,
        rows=lambda people: Mail.objects.filter(person__in=people.public_ids),
        shown=(
            "kind",
            "created_at",
            "status",
            "accepted_at",
            ("Destinataire", lambda mail: mail.to),
            ("Sujet", lambda mail: mail.subject),
            ("Texte", lambda mail: mail.text),
        ),
    ),
    "outbox.bounce": PersonalData(
        title="E-mails revenus non distribués",
        columns=("outbox.bounce.mail",),
        reason="It says that a mail did not reach the person, and goes with that mail.",
        kept=KEPT,
        rows=lambda people: Bounce.objects.filter(mail__person__in=people.public_ids),
        shown=(
            "read_at",
            "outcome",
            "status",
            ("E-mail", lambda bounce: bounce.mail.subject),
        ),
        stage=ErasureStage.THROUGH_OTHERS,
    ),
    "outbox.bounce_cleared_by": describe_acts(
        "Adresses que vous avez débloquées",
        Bounce,
        "cleared_by",
        "cleared_at",
        reason="Who said that an address works again stays known under an opaque id.",
        kept=KEPT,
    ),
    "outbox.mail_text": describe_acts(
        "Textes d’e-mails que vous avez modifiés",
        MailText,
        "written_by",
        "written_at",
        "kind",
        "subject",
        reason="What mails said, and by whose act, must stay provable.",
        kept=KEPT_TEXTS,
    ),
}
