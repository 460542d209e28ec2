"""Mails, as data about the person they were sent to."""

from mgestion.outbox.models import Mail
from mgestion.personal_data import Kept, PersonalData, Policy, for_setting

KEPT = Kept(
    50,
    "Texte des e-mails envoyés",
    lambda: f"{for_setting('mail_bodies')()}, et jamais plus que le compte",
    "Répondre à qui n’a pas reçu un e-mail",
)
ENTRIES = {
    "outbox.mail": PersonalData(
        title="E-mails qui vous ont été envoyés",
        columns=(
            "outbox.mail.person",
            "outbox.mail.subject_id",
            "outbox.mail.to",
            "outbox.mail.text",
            "outbox.mail.html",
            "outbox.mail.data",
        ),
        policy=Policy.DELETE,
        reason="No mail log survives the account (D29), and nothing more may leave for it.",
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
    )
}
