"""The letters about an establishment's accounts."""

from datetime import datetime

from accounts.habilitations.models import Access
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import phone_fr
from mgestion.web.links import absolute
from registrations.contacts import contact_of


def access_ended(mail: Mail, now: datetime) -> Message | None:
    """To the person: an Administrateur ended the accesses to his establishment; the account stays
    (D31). None once the person is gone.
    """
    access = (
        Access.objects.select_related("user", "establishment__department__delegation")
        .filter(pk=mail.data.get("access"), ended_at__isnull=False)
        .first()
    )
    if access is None or access.ended_at is None:
        return None
    contact = contact_of(access.establishment.department.delegation)
    context: dict[str, object] = {
        "greeting": f"Bonjour {access.user.full_name},",
        "place": access.establishment,
        "ended_at": access.ended_at,
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": phone_fr(contact.phone),
        "privacy_url": absolute("legal:privacy"),
    }
    return compose(
        "mail/registrations/access_ended",
        context,
        to=access.user.email,
        reply_to=contact.email,
    )


MAILS = {"registrations.access_ended": access_ended}
