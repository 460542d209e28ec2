"""What the mails about an establishment share: their reader, and how they name the place."""

from typing import Any, Final

from django.conf import settings
from django.utils.text import Truncator

from accounts.habilitations.accesses.models import Establishment
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import MailContent, PlaceholderValue, line_value
from mgestion.templatetags.portal import siret
from registrations.requests.contacts import choose_notice_mailbox, get_delegation_contact
from registrations.requests.mail_contents import SIRET

PLACE: Final = (
    line_value("establishment", "nom de l’établissement", "Garage Fictif"),
    line_value("establishment_short", "son nom, abrégé pour l’objet", "Garage Fictif"),
    SIRET,
)


def describe_place(place: Establishment, short: int = 36) -> dict[str, PlaceholderValue]:
    """The values of `PLACE`. `short`: how much of the name the subject has room for."""
    return {
        "establishment": place.name,
        "establishment_short": Truncator(place.name).chars(short),
        "siret": siret(place.siret),
    }


def build_place_content(
    place: Establishment, reader: User | str, values: dict[str, PlaceholderValue], **more: Any
) -> MailContent:
    """To somebody of the establishment, an account or an address: its délégation answers."""
    contact = get_delegation_contact(place.department.delegation)
    return MailContent(
        to=reader.email if isinstance(reader, User) else reader,
        name=reader.full_name if isinstance(reader, User) else "",
        values=values,
        contact=contact,
        reply_to=contact.email,
        **more,
    )


def build_delegation_content(
    place: Establishment, values: dict[str, PlaceholderValue]
) -> MailContent:
    """To the shared mailbox of its délégation: a link, no personal value."""
    return MailContent(
        to=choose_notice_mailbox(place.department.delegation, None),
        values=values,
        reply_to=settings.CONTACT_EMAIL,
    )
