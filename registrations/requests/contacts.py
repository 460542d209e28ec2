"""Who handles a request, and how to reach them."""

from django.conf import settings

from accounts.habilitations.reference.models import Delegation, Dga
from mgestion.outbox.catalogue.kinds import Contact
from registrations.requests.models import Request


def get_delegation_contact(delegation: Delegation | None) -> Contact:
    """The délégation's contact, or the national one when there is no délégation."""
    if delegation is None:
        return get_national_contact()
    return Contact(delegation.name, delegation.email, delegation.phone)


def get_national_contact() -> Contact:
    return Contact("OPCO Mobilités, service national", settings.CONTACT_EMAIL)


def choose_notice_mailbox(delegation: Delegation | None, dga: Dga | None) -> str:
    """The mailbox that is notified of a request: the délégation's, else the DGA's, else the
    national contact, so that every request reaches somebody."""
    for holder in (delegation, dga):
        if holder is not None and holder.email:
            return holder.email
    return str(settings.CONTACT_EMAIL)


def get_handler_contact(request: Request) -> Contact:
    return get_delegation_contact(request.delegation)
