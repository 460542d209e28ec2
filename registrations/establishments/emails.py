"""The mails about an establishment's accounts."""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.text import Truncator

from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.querysets import (
    select_administrators,
    select_establishments_without_administrator,
)
from accounts.habilitations.enums import Role
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    PlaceholderValue,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_moment
from mgestion.web.links import build_absolute_url
from registrations.establishments import access_reviews, orphans
from registrations.establishments.models import AccessReview
from registrations.establishments.role_flows import (
    COLLEAGUE_CHANGED_MAIL,
    ROLE_ASKED_MAIL,
    ROLE_CHANGED_MAIL,
)
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


def build_access_ended(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: an Administrateur ended the accesses to their establishment; the account
    stays. None once the person is gone."""
    access = (
        Access.objects.ended()
        .select_related("user", "establishment__department__delegation")
        .filter(pk=mail.data.get("access"))
        .first()
    )
    if access is None or access.ended_at is None:
        return None
    place = access.establishment
    values = {**describe_place(place, 40), "ended_at": french_moment(access.ended_at)}
    return build_place_content(place, access.user, values)


def build_role_asked(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation: an Administrateur asks for another role for somebody. A shared mailbox: a
    link, no personal value. None once the access has ended or has that role.
    """
    access = (
        Access.objects.open()
        .select_related("platform", "establishment__department__delegation")
        .filter(pk=mail.data.get("access"))
        .first()
    )
    role = str(mail.data.get("role"))
    if access is None or access.role == role or role not in Role.values:
        return None
    values = {
        **describe_place(access.establishment),
        "platform": access.platform.name,
        "current_role": access.get_role_display(),
        "asked_role": str(Role(role).label),
        "action_url": build_absolute_url("admin:habilitations_access_change", access.pk),
    }
    return build_delegation_content(access.establishment, values)


def build_role_changed(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: an administrator of their establishment gave them another role. None once the
    access has ended or has yet another role.
    """
    access = _find_changed_access(mail)
    if access is None:
        return None
    return _tell_of_role(mail, access, access.user)


def build_colleague_role_changed(mail: Mail, now: datetime) -> MailContent | None:
    """The same to the other administrators."""
    access = _find_changed_access(mail)
    if access is None or mail.person is None:
        return None
    reader = select_administrators(access.establishment).filter(public_id=mail.person).first()
    if reader is None:
        return None
    return _tell_of_role(mail, access, reader, person=access.user.full_name)


def _find_changed_access(mail: Mail) -> Access | None:
    rows = Access.objects.open().select_related(
        "user", "platform", "establishment__department__delegation"
    )
    return rows.filter(pk=mail.data.get("access"), role=mail.data.get("role")).first()


def _tell_of_role(mail: Mail, access: Access, reader: User, **said: str) -> MailContent:
    by = User.objects.filter(public_id=mail.data.get("by")).first()
    values: dict[str, PlaceholderValue] = {
        **describe_place(access.establishment),
        "by": by.full_name if by else "Un administrateur",
        "platform": access.platform.name,
        "before": str(Role(mail.data["before"]).label),
        "role": access.get_role_display(),
        "roles_url": build_absolute_url("habilitations:roles"),
        **said,
    }
    return build_place_content(access.establishment, reader, values)


def build_no_administrator(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation: nobody looks after the accounts of an establishment any more. None once
    somebody does, or nobody is left.
    """
    place = (
        select_establishments_without_administrator()
        .select_related("department__delegation")
        .filter(pk=mail.data.get("establishment"))
        .first()
    )
    if place is None:
        return None
    url = build_absolute_url("admin:habilitations_establishment_change", place.pk)
    return build_delegation_content(place, {**describe_place(place, 40), "action_url": url})


def build_access_review(mail: Mail, now: datetime) -> MailContent | None:
    """To an Administrateur: the accesses of their establishment are to be verified. None once the
    review is over, or the person looks after that establishment no more. Its reminder too.
    """
    review = (
        AccessReview.objects.open()
        .select_related("establishment__department__delegation")
        .filter(pk=mail.data.get("review"))
        .first()
    )
    if review is None or mail.person is None:
        return None
    place = review.establishment
    person = select_administrators(place).filter(public_id=mail.person).first()
    if person is None:
        return None
    left = access_reviews.select_pending_accounts(review).exclude(pk=person.pk).count()
    values: dict[str, PlaceholderValue] = {
        "establishment": place.name,
        "siret": siret(place.siret),
        "left": f"{left} comptes attendent" if left > 1 else "Un compte attend",
        "last_day": access_reviews.format_last_day(review),
        "action_url": f"{build_absolute_url('registrations:users_review')}"
        f"?etablissement={place.key}",
    }
    return build_place_content(place, person, values)


_REVIEW: Final = (
    *(PLACE[0], SIRET),
    line_value("left", "qui attend une réponse, en début de phrase", "3 comptes attendent"),
    line_value("last_day", "dernier jour pour répondre", "mardi 31 mars 2026", required=True),
    link_value("action_url", "page de la vérification", "/utilisateurs/verification/"),
)
_ROLE_CHANGED: Final = (
    *PLACE,
    line_value("by", "nom de l’administrateur", "Ada Cheffe"),
    line_value("platform", "nom de la plateforme", "M-Contributions"),
    line_value("before", "rôle d’avant", "Consultant"),
    line_value("role", "nouveau rôle", "Gestionnaire", required=True),
    link_value("roles_url", "page des rôles", "/roles/", required=False),
)
MAILS: Final = (
    MailKind(
        "registrations.access_ended",
        "accès terminé",
        build_access_ended,
        (
            *PLACE,
            line_value("ended_at", "moment de la fin", "mardi 17 mars 2026 à 10\u00a0h\u00a000"),
        ),
    ),
    MailKind(
        ROLE_ASKED_MAIL,
        "autre rôle demandé",
        build_role_asked,
        (
            *PLACE,
            line_value("platform", "nom de la plateforme", "M-Gestion"),
            line_value("current_role", "rôle actuel", "Consultant"),
            line_value("asked_role", "rôle demandé", "Gestionnaire", required=True),
            link_value("action_url", "page de l’accès, pour les agents", "/admin/"),
        ),
    ),
    MailKind(
        ROLE_CHANGED_MAIL, "rôle changé par un administrateur", build_role_changed, _ROLE_CHANGED
    ),
    MailKind(
        COLLEAGUE_CHANGED_MAIL,
        "rôle d’un collègue changé, pour les autres administrateurs",
        build_colleague_role_changed,
        (
            *_ROLE_CHANGED,
            line_value("person", "nom de la personne", "Camille Fictive", required=True),
        ),
    ),
    MailKind(
        orphans.NO_ADMINISTRATOR_MAIL,
        "établissement sans administrateur",
        build_no_administrator,
        (
            *PLACE,
            link_value("action_url", "page de l’établissement, pour les agents", "/admin/"),
        ),
    ),
    MailKind(
        access_reviews.ACCESS_REVIEW_MAIL, "vérification des accès", build_access_review, _REVIEW
    ),
    MailKind(
        access_reviews.ACCESS_REVIEW_REMINDER_MAIL,
        "vérification des accès\u00a0: rappel",
        build_access_review,
        _REVIEW,
    ),
)
