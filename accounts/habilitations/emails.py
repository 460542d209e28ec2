"""The mails about accesses and tokens. Each is None when nothing is left to say."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.habilitations.accesses.flows import NEW_ACCESS_MAIL, RESTORED_MAIL, SUSPENDED_MAIL
from accounts.habilitations.accesses.models import Access, Establishment
from accounts.habilitations.accesses.moving_flows import MOVED_AWAY_MAIL, MOVED_MAIL
from accounts.habilitations.accesses.querysets import select_administrators
from accounts.habilitations.api.models import ApiToken
from accounts.habilitations.api.tokens import EXPIRING_MAIL
from mgestion.outbox.catalogue.kinds import (
    Contact,
    MailContent,
    MailKind,
    line_value,
    link_value,
    paragraphs_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment
from mgestion.web.links import build_absolute_url

# What a mail says of an access, and the keys that lead there: four tables have many columns.
_SAID: Final = (
    *("role", "suspended_at", "suspension_reason"),
    *("user__first_name", "user__last_name", "user__email"),
    *("platform__name", "establishment__name", "establishment__department__delegation__name"),
    *("establishment__department__delegation__email",),
    *("establishment__department__delegation__phone",),
)
_PLATFORM: Final = line_value("platform", "nom de la plateforme", "M-Contributions")
_ESTABLISHMENT: Final = line_value("establishment", "nom de l’établissement", "Garage Fictif")
_OLD_ESTABLISHMENT: Final = line_value(
    "old_establishment", "nom de l’établissement de départ", "Ancien Garage Fictif"
)
_ROLE: Final = line_value("role", "rôle de la personne", "Gestionnaire")
_SERVICES: Final = link_value(
    "action_url", "page «\u00a0Mes services en ligne\u00a0»", "/services/"
)


def build_new_access(mail: Mail, now: datetime) -> MailContent | None:
    """To an administrator of the establishment: somebody was let in. None once either access
    has ended.
    """
    access = _find_announced_access(mail, Access.objects.open())
    if access is None:
        return None
    return _tell_administrator(
        mail,
        access,
        access.establishment,
        establishment=access.establishment.name,
        role=access.get_role_display(),
        roles_url=build_absolute_url("habilitations:roles"),
    )


def build_access_suspended(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: this platform is closed to them, why, and whom to ask. None once it is
    over.
    """
    access = _find_access(mail, Access.objects.suspended())
    if access is None or access.suspended_at is None:
        return None
    return _build_access_content(
        access, reason=access.suspension_reason, suspended_at=french_moment(access.suspended_at)
    )


def build_access_restored(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: the platform is open again."""
    access = _find_access(mail, Access.objects.open())
    return (
        _build_access_content(access, role=access.get_role_display())
        if access is not None
        else None
    )


def build_access_moved(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: the same access, for another establishment. None once it has ended."""
    access = _find_access(mail, Access.objects.open())
    old = _find_old_place(mail)
    if access is None or old is None:
        return None
    return _build_access_content(access, role=access.get_role_display(), old_establishment=old.name)


def build_access_moved_away(mail: Mail, now: datetime) -> MailContent | None:
    """To an administrator of the establishment that the access has left."""
    moved, old = _find_announced_access(mail, Access.objects.all()), _find_old_place(mail)
    if moved is None or old is None:
        return None
    return _tell_administrator(mail, moved, old, old_establishment=old.name)


def build_token_expiring(mail: Mail, now: datetime) -> MailContent | None:
    """To a platform's technical contact, 30, 7 and 1 days before. None once the token is ended."""
    token = (
        ApiToken.objects.valid(now)
        .filter(pk=mail.data.get("token"))
        .select_related("platform")
        .first()
    )
    if token is None or not token.platform.contact_email:
        return None
    return MailContent(
        to=token.platform.contact_email,
        values={
            "token": token.label,
            "tail": token.tail,
            "platform": token.platform.name,
            "ends": french_moment(token.expires_at),
        },
    )


def _find_announced_access(mail: Mail, accesses: QuerySet[Access]) -> Access | None:
    related = ("user", "platform", "establishment__department__delegation")
    return accesses.filter(pk=mail.data.get("access")).select_related(*related).first()


def _tell_administrator(
    mail: Mail, access: Access, place: Establishment, **said: str
) -> MailContent | None:
    """To an administrator of `place`; None for who is one no more."""
    if mail.person is None:
        return None
    administrator = select_administrators(place).filter(public_id=mail.person).first()
    if administrator is None:
        return None
    return MailContent(
        to=administrator.email,
        name=administrator.full_name,
        values={"person": access.user.full_name, "platform": access.platform.name, **said},
        contact=_find_delegation(place),
    )


def _find_access(mail: Mail, accesses: QuerySet[Access]) -> Access | None:
    return (
        accesses.filter(pk=mail.data.get("access"), user__public_id=mail.subject_id)
        .select_related("user", "platform", "establishment__department__delegation")
        .only(*_SAID)
        .first()
    )


def _build_access_content(access: Access, **said: str) -> MailContent:
    return MailContent(
        to=access.user.email,
        name=access.user.full_name,
        values={
            "platform": access.platform.name,
            "establishment": access.establishment.name,
            "action_url": build_absolute_url("registrations:services"),
            **said,
        },
        contact=_find_delegation(access.establishment),
    )


def _find_old_place(mail: Mail) -> Establishment | None:
    """The establishment that a moved access had before."""
    rows = Establishment.objects.select_related("department__delegation")
    return rows.filter(accesses=mail.data.get("from")).first()


def _find_delegation(place: Establishment) -> Contact | None:
    delegation = place.department.delegation
    if delegation is None:
        return None
    return Contact(delegation.name, delegation.email, delegation.phone)


MAILS: Final = (
    MailKind(
        NEW_ACCESS_MAIL,
        "nouvel accès dans l’établissement",
        build_new_access,
        (
            line_value(
                "person", "nom de la personne qui a l’accès", "Camille Fictive", required=True
            ),
            *(_ESTABLISHMENT, _PLATFORM, _ROLE),
            link_value("roles_url", "page des rôles", "/roles/", required=False),
        ),
    ),
    MailKind(
        SUSPENDED_MAIL,
        "accès suspendu",
        build_access_suspended,
        (
            *(_PLATFORM, _ESTABLISHMENT, _SERVICES),
            line_value(
                "suspended_at", "moment de la suspension", "mardi 17 mars 2026 à 10\u00a0h\u00a000"
            ),
            paragraphs_value(
                "reason", "motif écrit par l’agent", "Document manquant.", required=True
            ),
        ),
    ),
    MailKind(
        RESTORED_MAIL,
        "accès rétabli",
        build_access_restored,
        (_PLATFORM, _ESTABLISHMENT, _ROLE, _SERVICES),
    ),
    MailKind(
        MOVED_MAIL,
        "accès déplacé vers un autre établissement",
        build_access_moved,
        (_PLATFORM, _ESTABLISHMENT, _OLD_ESTABLISHMENT, _ROLE, _SERVICES),
    ),
    MailKind(
        MOVED_AWAY_MAIL,
        "accès parti vers un autre établissement",
        build_access_moved_away,
        (
            line_value("person", "nom de la personne", "Camille Fictive", required=True),
            *(_OLD_ESTABLISHMENT, _PLATFORM),
        ),
    ),
    MailKind(
        EXPIRING_MAIL,
        "jeton d’API bientôt périmé",
        build_token_expiring,
        (
            line_value("token", "libellé du jeton", "Jeton de production"),
            line_value("tail", "fin du jeton", "a1b2"),
            _PLATFORM,
            line_value(
                "ends",
                "moment de l’expiration",
                "mardi 17 mars 2026 à 10\u00a0h\u00a000",
                required=True,
            ),
        ),
    ),
)
