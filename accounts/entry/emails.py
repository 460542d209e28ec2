"""Mails that bring a link or a code. Each builder reads current rows; None when nothing is left to
say.
"""

from datetime import datetime
from typing import Final

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
    PlaceholderValue,
    flag_value,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment, paris_date
from mgestion.web.links import build_absolute_url


def build_create_password(mail: Mail, now: datetime) -> MailContent | None:
    """« Créer un mot de passe »."""
    key = _open_link(mail)
    if key is None or key.user.status != Status.PENDING:
        return None
    return _build_link_content(
        key,
        now,
        action_url=build_absolute_url("entry:create_password", mailed_links.sign_link_key(key)),
    )


def build_account_exists(mail: Mail, now: datetime) -> MailContent | None:
    """Somebody signed up with an address that has an account: log in, or reset."""
    key = _open_link(mail)
    if key is None or not account_states.may_receive_reset(key.user, now):
        return None
    return _build_link_content(
        key,
        now,
        action_url=_build_login_url(restore_target(key.target)),
        reset_url=build_absolute_url("entry:reset_password", mailed_links.sign_link_key(key)),
    )


def build_reset(mail: Mail, now: datetime) -> MailContent | None:
    """« Mot de passe oublié »."""
    key = _open_link(mail)
    if key is None or not account_states.may_receive_reset(key.user, now):
        return None
    return _build_link_content(
        key,
        now,
        action_url=build_absolute_url("entry:reset_password", mailed_links.sign_link_key(key)),
    )


def build_unlock(mail: Mail, now: datetime) -> MailContent | None:
    """Ten failures in a row: open the door again."""
    key = _open_link(mail)
    if key is None or not account_states.check_sign_in(key.user, now).allowed:
        return None
    return _build_link_content(
        key,
        now,
        codes=key.counter.endswith(rate_limits.FACTOR_SUFFIX),
        action_url=build_absolute_url("entry:unlock", mailed_links.sign_link_key(key)),
        loss_url=get_loss_page_url(),
    )


def build_loss_link(mail: Mail, now: datetime) -> MailContent | None:
    """A reported loss or theft: the only thing that acts."""
    key = _open_link(mail)
    if key is None or not account_states.may_receive_reset(key.user, now):
        return None
    return _build_link_content(
        key, now, action_url=build_absolute_url("entry:loss", mailed_links.sign_link_key(key))
    )


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


def build_confirm_address(mail: Mail, now: datetime) -> MailContent | None:
    """To the new address: only those who read it can make it the account's."""
    key = _open_link(mail)
    if key is None or not account_states.check_sign_in(key.user, now).allowed:
        return None
    return _build_link_content(
        key,
        now,
        to=key.address,
        new_address=key.address,
        action_url=build_absolute_url("entry:change_address", mailed_links.sign_link_key(key)),
    )


def build_factor_code(mail: Mail, now: datetime) -> MailContent | None:
    """The code that a first second factor needs."""
    key = _open_link(mail)
    if key is None or not account_states.check_sign_in(key.user, now).allowed:
        return None
    code = compute_mailed_code(key)
    shown = f"{code[:4]} {code[4:]}"
    return _build_link_content(key, now, secret=shown, code=shown, action_url=get_loss_page_url())


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
_WITH_KEY: Final = (_ASKED_AT, ADDRESS, _UNTIL)
MAILS: Final = (
    MailKind(
        "entry.create_password",
        "création du mot de passe",
        build_create_password,
        (
            *_WITH_KEY,
            link_value(
                "action_url",
                "lien pour créer le mot de passe",
                "/inscription/mot-de-passe/exemple/",
            ),
        ),
        awaited=True,
        before_sending=start_link_life,
    ),
    MailKind(
        # Both answers to a sign-up are awaited, so that neither is quicker.
        "entry.account_exists",
        "inscription avec une adresse connue",
        build_account_exists,
        (
            *_WITH_KEY,
            link_value("action_url", "page de connexion", "/cas/login"),
            link_value(
                "reset_url", "lien pour choisir un mot de passe", "/mot-de-passe/nouveau/exemple/"
            ),
        ),
        awaited=True,
        before_sending=start_link_life,
    ),
    MailKind(
        "entry.reset",
        "mot de passe oublié",
        build_reset,
        (
            *_WITH_KEY,
            link_value(
                "action_url", "lien pour choisir un mot de passe", "/mot-de-passe/nouveau/exemple/"
            ),
        ),
        awaited=True,
        before_sending=start_link_life,
    ),
    MailKind(
        "entry.unlock",
        "déverrouillage",
        build_unlock,
        (
            *_WITH_KEY,
            flag_value("codes", "ce sont des codes qui étaient erronés", sample=False),
            link_value("action_url", "lien de déverrouillage", "/deverrouillage/exemple/"),
            link_value(
                "loss_url", "signalement d’une perte ou d’un vol", "/perte/", required=False
            ),
        ),
        awaited=True,
        before_sending=start_link_life,
    ),
    MailKind(
        LOSS_MAIL,
        "signalement d’une perte\u00a0: lien",
        build_loss_link,
        (*_WITH_KEY, link_value("action_url", "lien qui bloque les accès", "/perte/exemple/")),
        awaited=True,
        before_sending=start_link_life,
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
    MailKind(
        "entry.confirm_address",
        "confirmation d’une nouvelle adresse",
        build_confirm_address,
        (
            *_WITH_KEY,
            line_value(
                "new_address", "nouvelle adresse", "c.fictive@garage.example.org", required=True
            ),
            link_value("action_url", "lien de confirmation", "/adresse/exemple/"),
        ),
        awaited=True,
        before_sending=start_link_life,
    ),
    MailKind(
        CODE_MAIL,
        "code pour la double authentification",
        build_factor_code,
        (*_WITH_KEY, line_value("code", "code à saisir", "1234 5678", required=True), REPORT_LOSS),
        awaited=True,
        before_sending=start_link_life,
    ),
)
