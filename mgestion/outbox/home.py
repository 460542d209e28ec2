"""What the national administrators' home says of the mails."""

from datetime import datetime

from django.urls import reverse

from mgestion.admin.home_notices import HomeLine, build_count_line
from mgestion.outbox.catalogue.texts import list_faulty_texts
from mgestion.outbox.models import Mail, MailStatus


def list_outbox_notices(now: datetime) -> list[HomeLine]:
    """Those whose content is forgotten wait for nobody: they cannot be sent again."""
    dead = Mail.objects.filter(status=MailStatus.DEAD).exclude(to="").count()
    address = f"{reverse('admin:outbox_mail_changelist')}?etat={MailStatus.DEAD}"
    texts = reverse("admin:outbox_mailtext_changelist")
    return [
        *build_count_line("E-mails en échec", dead, address),
        *build_count_line("Textes d’e-mails à corriger", len(list_faulty_texts()), texts),
    ]
