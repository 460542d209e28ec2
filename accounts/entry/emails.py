"""Mails that bring a link or a code. Each builder reads current rows; None when nothing is left to
say.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from accounts.entry.change_emails import (
    REPORT_LOSS,
    SAMPLE_MOMENT,
    format_mail_moment,
    get_loss_page_url,
)
from accounts.entry.limits import rate_limits
from accounts.entry.links import mailed_links
from accounts.entry.links.link_mails import LOSS_MAIL
from accounts.entry.login.next_targets import NextTarget, restore_target
from accounts.entry.models import EntryLink
from accounts.entry.recovery.loss_flows import STAFF_MAIL
from accounts.entry.second_factor.mailed_code_flows import MAIL as CODE_MAIL
from accounts.entry.second_factor.mailed_code_flows import compute_mailed_code
from accounts.leaving.emails import ADDRESS
from accounts.people import account_states
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    Placeholder,
    PlaceholderValue,
    flag_value,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment, paris_date
from mgestion.web.links import build_absolute_url


def build_loss_reported(mail: Mail, now: datetime) -> MailContent | None:
    """To the national mailbox: a link, no personal value, several people read it."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    return MailContent(
        to=settings.CONTACT_EMAIL,
        values={
            "reported_at": format_mail_moment(mail),
            "action_url": build_absolute_url("admin:accounts_user_change", user.pk),
        },
    )


def start_link_life(mail: Mail, now: datetime) -> None:
    """The life of a link begins when its mail leaves: a server that was down for hours does not
    deliver dead links, and the time printed is the time that holds (as D20 does for deadlines).
    """
    key = _open_link(mail)
    if key is not None:
        mailed_links.restart_link(key, now)


def _open_link(mail: Mail) -> EntryLink | None:
    """The link that the mail brings, None when it was used."""
    return (
        EntryLink.objects.select_related("user")
        .filter(pk=mail.subject_id, used_at__isnull=True)
        .first()
    )


def _build_login_url(target: NextTarget) -> str:
    base = build_absolute_url("cas:login")
    path = target.to("cas:login")
    return f"{base}{path[path.index('?') :]}" if "?" in path else base


def _build_link_content(
    key: EntryLink, now: datetime, *, to: str = "", secret: str = "", **said: PlaceholderValue
) -> MailContent:
    """About a link whose life begins `now`, and is written down before the mail is sent."""
    expires_at = now + mailed_links.get_link_life(key.purpose)
    return MailContent(
        to=to or key.user.email,
        name=key.user.full_name,
        values={
            "address": key.user.email,
            "asked_at": french_moment(key.created_at),
            "until": french_moment(expires_at),
            **said,
        },
        deadline=paris_date(expires_at),
        secret=secret,
    )


_ASKED_AT: Final = line_value("asked_at", "moment de la demande", SAMPLE_MOMENT)
_UNTIL: Final = line_value("until", "fin de validité", SAMPLE_MOMENT, required=True)


def _define_link_mail(
    code: str,
    label: str,
    may: Callable[[User, datetime], bool],
    read: Callable[[EntryLink], dict[str, Any]],
    *more: Placeholder,
) -> MailKind:
    """A mail that brings a link: it says what is `read` of it, and nothing once the link was used
    or its account `may` not use it any more.
    """

    def build_link_mail(mail: Mail, now: datetime) -> MailContent | None:
        key = _open_link(mail)
        if key is None or not may(key.user, now):
            return None
        return _build_link_content(key, now, **read(key))

    values = (_ASKED_AT, ADDRESS, _UNTIL, *more)
    return MailKind(code, label, build_link_mail, values, True, start_link_life)


def _is_pending(user: User, now: datetime) -> bool:
    return user.status == Status.PENDING


def _may_sign_in(user: User, now: datetime) -> bool:
    return account_states.check_sign_in(user, now).allowed


def _build_key_url(name: str, key: EntryLink) -> str:
    return build_absolute_url(f"entry:{name}", mailed_links.sign_link_key(key))


def _read_factor_code(key: EntryLink) -> dict[str, str]:
    code = compute_mailed_code(key)
    shown = f"{code[:4]} {code[4:]}"
    return {"secret": shown, "code": shown, "action_url": get_loss_page_url()}


MAILS: Final = (
    _define_link_mail(
        "entry.create_password",
        "création du mot de passe",
        _is_pending,
        lambda key: {"action_url": _build_key_url("create_password", key)},
        link_value(
            "action_url", "lien pour créer le mot de passe", "/inscription/mot-de-passe/exemple/"
        ),
    ),
    # Both answers to a sign-up are awaited, so that neither is quicker.
    _define_link_mail(
        "entry.account_exists",
        "inscription avec une adresse connue",
        account_states.may_receive_reset,
        lambda key: {
            "action_url": _build_login_url(restore_target(key.target)),
            "reset_url": _build_key_url("reset_password", key),
        },
        link_value("action_url", "page de connexion", "/cas/login"),
        link_value(
            "reset_url", "lien pour choisir un mot de passe", "/mot-de-passe/nouveau/exemple/"
        ),
    ),
    _define_link_mail(
        "entry.reset",
        "mot de passe oublié",
        account_states.may_receive_reset,
        lambda key: {"action_url": _build_key_url("reset_password", key)},
        link_value(
            "action_url", "lien pour choisir un mot de passe", "/mot-de-passe/nouveau/exemple/"
        ),
    ),
    _define_link_mail(
        "entry.unlock",
        "déverrouillage",
        _may_sign_in,
        lambda key: {
            "codes": key.counter.endswith(rate_limits.FACTOR_SUFFIX),
            "action_url": _build_key_url("unlock", key),
            "loss_url": get_loss_page_url(),
        },
        flag_value("codes", "ce sont des codes qui étaient erronés", sample=False),
        link_value("action_url", "lien de déverrouillage", "/deverrouillage/exemple/"),
        link_value("loss_url", "signalement d’une perte ou d’un vol", "/perte/", required=False),
    ),
    _define_link_mail(
        LOSS_MAIL,
        "signalement d’une perte\u00a0: lien",
        account_states.may_receive_reset,
        lambda key: {"action_url": _build_key_url("loss", key)},
        link_value("action_url", "lien qui bloque les accès", "/perte/exemple/"),
    ),
    MailKind(
        STAFF_MAIL,
        "perte signalée",
        build_loss_reported,
        (
            line_value("reported_at", "moment du signalement", SAMPLE_MOMENT),
            link_value("action_url", "page du compte, pour les agents", "/admin/"),
        ),
    ),
    # To the new address: only those who read it can make it the account's.
    _define_link_mail(
        "entry.confirm_address",
        "confirmation d’une nouvelle adresse",
        _may_sign_in,
        lambda key: {
            "to": key.address,
            "new_address": key.address,
            "action_url": _build_key_url("change_address", key),
        },
        line_value(
            "new_address", "nouvelle adresse", "c.fictive@garage.example.org", required=True
        ),
        link_value("action_url", "lien de confirmation", "/adresse/exemple/"),
    ),
    _define_link_mail(
        CODE_MAIL,
        "code pour la double authentification",
        _may_sign_in,
        _read_factor_code,
        line_value("code", "code à saisir", "1234 5678", required=True),
        REPORT_LOSS,
    ),
)
