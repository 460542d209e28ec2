"""The letters of this room."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.habilitations.models import Access, ApiToken
from accounts.habilitations.querysets import administrators_of
from mgestion.dates import french_moment
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import phone_fr
from mgestion.web.links import absolute

# What a letter says of an access, and the keys that lead there: four tables have many columns.
_SAID: Final = (
    *("role", "suspended_at", "suspension_reason"),
    *("user__first_name", "user__last_name", "user__email"),
    *("platform__name", "establishment__name", "establishment__department__delegation__name"),
    *("establishment__department__delegation__email",),
    *("establishment__department__delegation__phone",),
)


def new_access(mail: Mail, now: datetime) -> Message | None:
    """To an administrator of the establishment: somebody was let in (D59). None once either access
    has ended.
    """
    access = (
        Access.objects.open()
        .filter(pk=mail.data.get("access"))
        .select_related("user", "platform", "establishment__department__delegation")
        .first()
    )
    if access is None or mail.person is None:
        return None
    administrator = administrators_of(access.establishment).filter(public_id=mail.person).first()
    if administrator is None:
        return None
    context: dict[str, object] = {
        "greeting": f"Bonjour {administrator.full_name},",
        "access": access,
        "roles_url": absolute("habilitations:roles"),
        "privacy_url": absolute("legal:privacy"),
        **_contact(access),
    }
    return compose("mail/habilitations/new_access", context, to=administrator.email)


def access_suspended(mail: Mail, now: datetime) -> Message | None:
    """To the person: this platform is closed to him, why, and whom to ask (R110). None once it is
    over.
    """
    return _suspension("access_suspended", mail, Access.objects.suspended())


def access_restored(mail: Mail, now: datetime) -> Message | None:
    """To the person: the platform is open again."""
    return _suspension("access_restored", mail, Access.objects.open())


def _suspension(letter: str, mail: Mail, accesses: QuerySet[Access]) -> Message | None:
    access = (
        accesses.filter(pk=mail.data.get("access"), user__public_id=mail.subject_id)
        .select_related("user", "platform", "establishment__department__delegation")
        .only(*_SAID)
        .first()
    )
    if access is None:
        return None
    name = access.user.full_name
    context: dict[str, object] = {
        "greeting": f"Bonjour {name}," if name else "Bonjour,",
        "platform": access.platform.name,
        "access": access,
        "action_url": absolute("registrations:services"),
        "action_label": "Mes services en ligne",
        "privacy_url": absolute("legal:privacy"),
        **_contact(access),
    }
    return compose(f"mail/habilitations/{letter}", context, to=access.user.email)


def _contact(access: Access) -> dict[str, object]:
    delegation = access.establishment.department.delegation
    if delegation is None:
        return {}
    return {
        "contact_name": delegation.name,
        "contact_email": delegation.email,
        "contact_phone": phone_fr(delegation.phone),
    }


def token_expiring(mail: Mail, now: datetime) -> Message | None:
    """To a platform's technical contact, 30, 7 and 1 days before. None once the token is ended."""
    token = (
        ApiToken.objects.valid(now)
        .filter(pk=mail.data.get("token"))
        .select_related("platform")
        .first()
    )
    if token is None or not token.platform.contact_email:
        return None
    context = {"token": token, "ends": french_moment(token.expires_at)}
    return compose("mail/habilitations/token_expiring", context, to=token.platform.contact_email)
