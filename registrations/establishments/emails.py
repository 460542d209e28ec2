"""The mails about an establishment's accounts."""

from datetime import datetime
from typing import Final

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
    contact = get_delegation_contact(access.establishment.department.delegation)
    return MailContent(
        to=access.user.email,
        name=access.user.full_name,
        values={
            **_place(access.establishment, short=40),
            "ended_at": french_moment(access.ended_at),
        },
        contact=contact,
        reply_to=contact.email,
    )


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
    return _to_delegation(
        access.establishment,
        **_place(access.establishment, short=36),
        platform=access.platform.name,
        current_role=access.get_role_display(),
        asked_role=str(Role(role).label),
        action_url=build_absolute_url("admin:habilitations_access_change", access.pk),
    )


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
    contact = get_delegation_contact(access.establishment.department.delegation)
    by = User.objects.filter(public_id=mail.data.get("by")).first()
    return MailContent(
        to=reader.email,
        name=reader.full_name,
        values={
            **_place(access.establishment, short=36),
            "by": by.full_name if by else "Un administrateur",
            "platform": access.platform.name,
            "before": str(Role(mail.data["before"]).label),
            "role": access.get_role_display(),
            "roles_url": build_absolute_url("habilitations:roles"),
            **said,
        },
        contact=contact,
        reply_to=contact.email,
    )


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
    return _to_delegation(
        place,
        **_place(place, short=40),
        action_url=build_absolute_url("admin:habilitations_establishment_change", place.pk),
    )


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
    contact = get_delegation_contact(place.department.delegation)
    left = access_reviews.select_pending_accounts(review).exclude(pk=person.pk).count()
    return MailContent(
        to=person.email,
        name=person.full_name,
        values={
            "establishment": place.name,
            "siret": siret(place.siret),
            "left": f"{left} comptes attendent" if left > 1 else "Un compte attend",
            "last_day": access_reviews.format_last_day(review),
            "action_url": f"{build_absolute_url('registrations:users_review')}"
            f"?etablissement={place.key}",
        },
        contact=contact,
        reply_to=contact.email,
    )


def _place(place: Establishment, *, short: int) -> dict[str, PlaceholderValue]:
    """`short`: how much of the name the subject has room for."""
    return {
        "establishment": place.name,
        "establishment_short": Truncator(place.name).chars(short),
        "siret": siret(place.siret),
    }


def _to_delegation(place: Establishment, **said: PlaceholderValue) -> MailContent:
    return MailContent(
        to=choose_notice_mailbox(place.department.delegation, None),
        values=said,
        reply_to=settings.CONTACT_EMAIL,
    )


_ESTABLISHMENT: Final = line_value("establishment", "nom de l’établissement", "Garage Fictif")
_SHORT: Final = line_value("establishment_short", "son nom, abrégé pour l’objet", "Garage Fictif")
_REVIEW: Final = (
    *(_ESTABLISHMENT, SIRET),
    line_value("left", "qui attend une réponse, en début de phrase", "3 comptes attendent"),
    line_value("last_day", "dernier jour pour répondre", "mardi 31 mars 2026", required=True),
    link_value("action_url", "page de la vérification", "/utilisateurs/verification/"),
)
_ROLE_CHANGED: Final = (
    *(_ESTABLISHMENT, _SHORT, SIRET),
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
            *(_ESTABLISHMENT, _SHORT, SIRET),
            line_value("ended_at", "moment de la fin", "mardi 17 mars 2026 à 10\u00a0h\u00a000"),
        ),
    ),
    MailKind(
        ROLE_ASKED_MAIL,
        "autre rôle demandé",
        build_role_asked,
        (
            *(_ESTABLISHMENT, _SHORT, SIRET),
            line_value("platform", "nom de la plateforme", "M-Gestion"),
            line_value("current_role", "rôle actuel", "Consultant"),
            line_value("asked_role", "rôle demandé", "Gestionnaire", required=True),
            link_value("action_url", "page de l’accès, pour les agents", "/admin/"),
        ),
    ),
    MailKind(
        ROLE_CHANGED_MAIL,
        "rôle changé par un administrateur",
        build_role_changed,
        _ROLE_CHANGED,
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
            *(_ESTABLISHMENT, _SHORT, SIRET),
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
