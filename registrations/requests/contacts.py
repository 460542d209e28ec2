"""Who handles a request and how to reach them (R134)."""

from django.conf import settings

from accounts.habilitations.reference.models import Delegation, Dga
from mgestion.outbox.kinds import Contact
from registrations.requests.models import Request


def contact_of(delegation: Delegation | None) -> Contact:
    """The délégation, or the national contact where there is none."""
    if delegation is None:
        return national_contact()
    return Contact(delegation.name, delegation.email, delegation.phone)


def national_contact() -> Contact:
    return Contact("OPCO Mobilités, service national", settings.CONTACT_EMAIL)


def mailbox_of(delegation: Delegation | None, dga: Dga | None) -> str:
    """Where the notice of a request goes: the délégation's generic mailbox, else the DGA's, else
    the national contact. A request never goes nowhere (R49)."""
    for holder in (delegation, dga):
        if holder is not None and holder.email:
            return holder.email
    return str(settings.CONTACT_EMAIL)


def handler(request: Request) -> Contact:
    return contact_of(request.delegation)
