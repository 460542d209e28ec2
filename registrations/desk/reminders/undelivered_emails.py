"""To the délégation: a mail to an applicant never arrived. Several people read it (S60)."""

from datetime import datetime

from django.conf import settings

from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute
from registrations.desk.reminders.models import UndeliveredMail
from registrations.requests.contacts import mailbox_of
from registrations.requests.querysets import with_details


def undelivered(mail: Mail, now: datetime) -> Message | None:
    """None once an agent has settled it."""
    request = with_details(mail.subject_id)
    notice = UndeliveredMail.objects.open().filter(mail=mail.data.get("mail")).first()
    if request is None or notice is None:
        return None
    return compose(
        "mail/registrations/undelivered",
        {
            "request": request,
            "greeting": "Bonjour,",
            "action_url": absolute("admin:registrations_request_change", request.pk),
            "action_label": "Ouvrir la demande",
            "privacy_url": absolute("legal:privacy"),
        },
        to=mailbox_of(request.delegation, request.dga),
        reply_to=settings.CONTACT_EMAIL,
    )
