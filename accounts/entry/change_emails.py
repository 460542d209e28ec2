"""Mails that tell of a change after the fact, so that a theft does not go unseen (C7)."""

from datetime import datetime
from typing import Final

from django.conf import settings

from accounts.entry.models import SessionRecord
from accounts.leaving.emails import ADDRESS, HELP_EMAIL
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    PlaceholderValue,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment
from mgestion.web.links import build_absolute_url


def build_password_changed(mail: Mail, now: datetime) -> MailContent | None:
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None or user.status == Status.PENDING:
        return None
    return _build_change_content(
        user, changed_at=format_mail_moment(mail), action_url=get_loss_page_url()
    )


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


def build_factor_changed(mail: Mail, now: datetime) -> MailContent | None:
    """The second factor was added, changed, taken away or gone round."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    what = _FACTOR_CHANGES[str(mail.data["what"])].format(address=user.email)
    return _build_change_content(
        user, what=what, changed_at=format_mail_moment(mail), action_url=get_loss_page_url()
    )


def build_new_device(mail: Mail, now: datetime) -> MailContent | None:
    record = SessionRecord.objects.select_related("user").filter(pk=mail.subject_id).first()
    if record is None:
        return None
    return _build_change_content(
        record.user,
        at=french_moment(record.started_at),
        browser=record.browser,
        ip=record.ip or "inconnue",
        action_url=get_loss_page_url(),
    )


def build_address_changed(mail: Mail, now: datetime) -> MailContent | None:
    """To the old address, which leads nowhere any more: the only place where a theft is seen."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    old = str(mail.data["to"])
    return _build_change_content(
        user,
        to=old,
        address=old,
        changed_at=format_mail_moment(mail),
        help_email=settings.CONTACT_EMAIL,
    )


def get_loss_page_url() -> str:
    """Where every mail about a change leads that may be a stranger's: it ends sessions and
    passwords, and tells OPCO Mobilités.
    """
    return build_absolute_url("entry:loss_ask")


def format_mail_moment(mail: Mail) -> str:
    return french_moment(datetime.fromisoformat(str(mail.data["at"])))


def _build_change_content(user: User, *, to: str = "", **said: PlaceholderValue) -> MailContent:
    values = {"address": user.email, **said}
    return MailContent(to=to or user.email, name=user.full_name, values=values)


SAMPLE_MOMENT: Final = "mardi 17 mars 2026 à 10\u00a0h\u00a000 (heure de Paris)"
REPORT_LOSS: Final = link_value("action_url", "signalement d’une perte ou d’un vol", "/perte/")
_CHANGED_AT: Final = line_value("changed_at", "moment du changement", SAMPLE_MOMENT)
CHANGE_MAILS: Final = (
    MailKind(
        "entry.password_changed",
        "mot de passe changé",
        build_password_changed,
        (ADDRESS, _CHANGED_AT, REPORT_LOSS),
    ),
    MailKind(
        "entry.factor_changed",
        "double authentification changée",
        build_factor_changed,
        (
            *(ADDRESS, _CHANGED_AT, REPORT_LOSS),
            line_value(
                "what",
                "ce qui a changé, en une phrase",
                "Une clé d’accès a été ajoutée.",
                required=True,
            ),
        ),
    ),
    MailKind(
        "entry.new_device",
        "nouvel appareil",
        build_new_device,
        (
            *(ADDRESS, REPORT_LOSS),
            line_value("at", "moment de la connexion", SAMPLE_MOMENT),
            line_value("browser", "navigateur", "Firefox sur Linux"),
            line_value("ip", "adresse IP", "192.0.2.1"),
        ),
    ),
    MailKind(
        "entry.address_changed",
        "adresse changée",
        build_address_changed,
        (ADDRESS, _CHANGED_AT, HELP_EMAIL),
    ),
)
