"""The mails of this room: one function each, which reads current rows and says None when nothing is
left to say.
"""

from datetime import datetime
from typing import Any, Final

from accounts import standing
from accounts.entry import limits, links
from accounts.entry.flows.loss import LINK_MAIL
from accounts.entry.flows.mailed_code import MAIL as CODE_MAIL
from accounts.entry.flows.mailed_code import code_of
from accounts.entry.models import EntryLink, SessionRecord
from accounts.entry.targets import Target, restore
from accounts.enums import Status
from accounts.models import User
from mgestion.dates import french_moment, paris_date
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute

# Whoever asked looks into the mailbox before going on. Both answers to a sign-up are here, so that
# neither is quicker (S8).
AWAITED: Final = frozenset(
    {
        "entry.create_password",
        "entry.account_exists",
        "entry.reset",
        "entry.unlock",
        "entry.confirm_address",
        LINK_MAIL,
        CODE_MAIL,
    }
)


def create_password(mail: Mail, now: datetime) -> Message | None:
    """« Créer un mot de passe » (R18, R20)."""
    link = _open_link(mail, now)
    if link is None or link.user.status != Status.PENDING:
        return None
    address = absolute("entry:create_password", links.key_of(link))
    return _letter(
        "create_password", link, action_url=address, action_label="Créer un mot de passe"
    )


def account_exists(mail: Mail, now: datetime) -> Message | None:
    """Somebody signed up with an address that has an account: log in, or reset (S8)."""
    link = _open_link(mail, now)
    if link is None or not standing.may_receive_reset(link.user, now):
        return None
    return _letter(
        "account_exists",
        link,
        action_url=_login_address(restore(link.target)),
        action_label="Se connecter",
        reset_url=absolute("entry:reset_password", links.key_of(link)),
        deadline_text="Le lien pour choisir un nouveau mot de passe fonctionne jusqu’au "
        f"{french_moment(link.expires_at)}.",
    )


def reset(mail: Mail, now: datetime) -> Message | None:
    """« Mot de passe oublié »."""
    link = _open_link(mail, now)
    if link is None or not standing.may_receive_reset(link.user, now):
        return None
    address = absolute("entry:reset_password", links.key_of(link))
    return _letter(
        "reset", link, action_url=address, action_label="Choisir un nouveau mot de passe"
    )


def unlock(mail: Mail, now: datetime) -> Message | None:
    """Ten failures in a row: open the door again (D57)."""
    link = _open_link(mail, now)
    if link is None or not standing.sign_in_check(link.user, now).allowed:
        return None
    address = absolute("entry:unlock", links.key_of(link))
    name = "unlock_codes" if link.counter.endswith(limits.FACTOR) else "unlock"
    return _letter(
        name,
        link,
        action_url=address,
        action_label="Déverrouiller la connexion",
        loss_url=absolute("entry:loss_ask"),
    )


def password_changed(mail: Mail, now: datetime) -> Message | None:
    """Told after the fact, so that a theft does not go unseen (C7)."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None or user.status == Status.PENDING:
        return None
    at = datetime.fromisoformat(str(mail.data["at"]))
    context = {
        **_common(user),
        "changed_at": french_moment(at),
        **report_loss(),
    }
    return compose("mail/entry/password_changed", context, to=user.email)


_FACTOR_CHANGES = {
    "added": "La double authentification protège maintenant le compte {address}. Les autres "
    "sessions ont été fermées.",
    "replaced": "L’application qui donne les codes de connexion du compte {address} a été changée. "
    "Les autres sessions ont été fermées.",
    "removed": "La double authentification du compte {address} a été retirée. Les autres sessions "
    "ont été fermées.",
    "reset": "Un agent d’OPCO Mobilités a retiré la double authentification du compte {address}, "
    "à la demande de son titulaire. Toutes les sessions ont été fermées.",
    "codes_renewed": "De nouveaux codes de secours ont été créés pour le compte {address}. Les "
    "anciens ne valent plus rien.",
    "application_removed": "L’application qui donne les codes de connexion du compte {address} a "
    "été retirée. Vos clés d’accès restent. Les autres sessions ont été fermées.",
    "passkey_added": "Une clé d’accès a été ajoutée au compte {address}. Les autres sessions ont "
    "été fermées.",
    "passkey_removed": "Une clé d’accès du compte {address} a été retirée. Les autres sessions ont "
    "été fermées.",
    "passkey_copied": "Une clé d’accès du compte {address} a été refusée\u00a0: elle semble avoir "
    "été copiée. Retirez-la depuis «\u00a0Mon compte\u00a0», puis ajoutez-en une autre.",
    "set_aside": "Une double authentification ajoutée récemment au compte {address} est mise de "
    "côté, à la suite du signalement d’une perte ou d’un vol\u00a0: elle n’est plus demandée à la "
    "connexion. Un agent d’OPCO Mobilités vous dira si elle est rendue ou supprimée\u202f; "
    "écrivez-lui si elle est à vous.",
    "given_back": "Un agent d’OPCO Mobilités a rendu au compte {address} la double "
    "authentification qui était mise de côté depuis un signalement. Toutes les sessions ont été "
    "fermées.",
    "dropped": "Un agent d’OPCO Mobilités a supprimé la double authentification du compte "
    "{address} qui était mise de côté depuis un signalement.",
    "recovery_used": "Un code de secours a servi à se connecter au compte {address}.",
}


def factor_changed(mail: Mail, now: datetime) -> Message | None:
    """Told after the fact (C7): the second factor was added, changed, taken away or gone round."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    at = datetime.fromisoformat(str(mail.data["at"]))
    context = {
        **_common(user),
        "what": _FACTOR_CHANGES[str(mail.data["what"])].format(address=user.email),
        "changed_at": french_moment(at),
        **report_loss(),
    }
    return compose("mail/entry/factor_changed", context, to=user.email)


def factor_code(mail: Mail, now: datetime) -> Message | None:
    """The code that a first second factor needs (D73)."""
    link = _open_link(mail, now)
    if link is None or not standing.sign_in_check(link.user, now).allowed:
        return None
    code = code_of(link)
    shown = f"{code[:4]} {code[4:]}"
    context = {
        **_common(link.user),
        "asked_at": french_moment(link.created_at),
        "code": shown,
        "until": french_moment(link.expires_at),
        **report_loss(),
    }
    deadline = paris_date(link.expires_at)
    return compose(
        "mail/entry/factor_code", context, to=link.user.email, deadline=deadline, secret=shown
    )


def new_device(mail: Mail, now: datetime) -> Message | None:
    """A login from a browser that is new to this account (S10)."""
    record = SessionRecord.objects.select_related("user").filter(pk=mail.subject_id).first()
    if record is None:
        return None
    context = {
        **_common(record.user),
        "at": french_moment(record.started_at),
        "browser": record.browser,
        "ip": record.ip or "inconnue",
        **report_loss(),
    }
    return compose("mail/entry/new_device", context, to=record.user.email)


def confirm_address(mail: Mail, now: datetime) -> Message | None:
    """To the new address: only who reads it can make it the account's."""
    link = _open_link(mail, now)
    if link is None or not standing.sign_in_check(link.user, now).allowed:
        return None
    context = {
        **_common(link.user),
        "asked_at": french_moment(link.created_at),
        "new_address": link.address,
        "action_url": absolute("entry:change_address", links.key_of(link)),
        "action_label": "Confirmer cette adresse",
        "deadline_text": f"Ce lien fonctionne jusqu’au {french_moment(link.expires_at)}.",
    }
    deadline = paris_date(link.expires_at)
    return compose("mail/entry/confirm_address", context, to=link.address, deadline=deadline)


def address_changed(mail: Mail, now: datetime) -> Message | None:
    """To the old address, which leads nowhere any more: the only place where a theft is seen."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    context = {
        **_common(user),
        "address": str(mail.data["to"]),
        "changed_at": french_moment(datetime.fromisoformat(str(mail.data["at"]))),
    }
    return compose("mail/entry/address_changed", context, to=str(mail.data["to"]))


def _open_link(mail: Mail, now: datetime) -> EntryLink | None:
    """The link of a mail that is about to leave, None when it was used.

    Its life starts when the mail leaves: a server that was down for hours does not deliver dead
    links, and the time printed is the time that holds (as D20 does for deadlines).
    """
    link = (
        EntryLink.objects.select_related("user")
        .filter(pk=mail.subject_id, used_at__isnull=True)
        .first()
    )
    if link is None:
        return None
    link.expires_at = now + links.life(link.purpose)
    EntryLink.objects.filter(pk=link.pk, used_at__isnull=True).update(expires_at=link.expires_at)
    return link


def _login_address(target: Target) -> str:
    base = absolute("cas:login")
    path = target.to("cas:login")
    return f"{base}{path[path.index('?') :]}" if "?" in path else base


def report_loss() -> dict[str, str]:
    """The button of every mail about a change that may be a stranger's: it ends sessions and
    passwords, and tells OPCO Mobilités.
    """
    return {
        "action_url": absolute("entry:loss_ask"),
        "action_label": "Signaler une perte ou un vol",
    }


def _common(user: User) -> dict[str, Any]:
    return {
        "greeting": f"Bonjour {user.full_name},".replace(" ,", ","),
        "address": user.email,
        "privacy_url": absolute("legal:privacy"),
    }


def _letter(name: str, link: EntryLink, **more: str) -> Message:
    context = {
        **_common(link.user),
        "asked_at": french_moment(link.created_at),
        "deadline_text": f"Ce lien fonctionne jusqu’au {french_moment(link.expires_at)}.",
        **more,
    }
    return compose(
        f"mail/entry/{name}", context, to=link.user.email, deadline=paris_date(link.expires_at)
    )
