"""What the account page tells by mail, and what the register of rights requests tells."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from django.conf import settings

from accounts.entry.change_emails import REPORT_LOSS, get_loss_page_url
from accounts.leaving.emails import ADDRESS
from accounts.people.enums import Status
from accounts.people.models import User
from accounts.profile.account.flows import IDENTITY_CHANGED
from accounts.profile.enums import OPEN, RequestState
from accounts.profile.export import flows as export_flows
from accounts.profile.models import DataExport, RightsRequest
from accounts.profile.rights import flows as rights_flows
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    PlaceholderValue,
    flag_value,
    line_value,
    link_value,
    paragraphs_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_date, french_moment, paris_date
from mgestion.web.links import build_absolute_url


def build_identity_changed(mail: Mail, now: datetime) -> MailContent | None:
    """Told after the fact (C7). The values themselves are on the account page, not in a mailbox."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "address": user.email,
            "changed_at": french_moment(datetime.fromisoformat(str(mail.data["at"]))),
            "what": str(mail.data["what"]),
            "action_url": get_loss_page_url(),
        },
    )


def build_export_ready(mail: Mail, now: datetime) -> MailContent | None:
    """None once its day is over, or for an account that cannot log in any more."""
    user = _find_user(mail)
    copy = DataExport.objects.filter(pk=mail.subject_id, expires_at__gt=now).defer("sealed").first()
    if user is None or user.status != Status.ACTIVE or copy is None or copy.expires_at is None:
        return None
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            "until": french_moment(copy.expires_at),
            "action_url": build_absolute_url("profile:export", copy.pk),
            "loss_url": get_loss_page_url(),
        },
    )


def _find_user(mail: Mail) -> User | None:
    return User.objects.filter(public_id=mail.person).first() if mail.person else None


# --- to the person, about a request ---------------------------------------------------------------


def build_rights_acknowledged(mail: Mail, now: datetime) -> MailContent | None:
    found = _find_request(mail, OPEN)
    return _build_person_mail(*found, dpo_email=settings.DPO_EMAIL) if found else None


def build_rights_extended(mail: Mail, now: datetime) -> MailContent | None:
    found = _find_request(mail, OPEN)
    return _build_person_mail(*found, reason=found[1].extension_reason) if found else None


def build_rights_settled(mail: Mail, now: datetime) -> MailContent | None:
    """The answer is on the person's page; those who cannot log in any more get it in the mail."""
    found = _find_request(mail, (RequestState.ANSWERED, RequestState.REFUSED, RequestState.CLOSED))
    if found is None:
        return None
    user, request = found
    return _build_person_mail(
        user,
        request,
        refused=request.state == RequestState.REFUSED,
        answer="" if user.status == Status.ACTIVE else request.answer,
    )


def _find_request(mail: Mail, states: Iterable[str]) -> tuple[User, RightsRequest] | None:
    user = _find_user(mail)
    request = RightsRequest.objects.filter(pk=mail.subject_id, state__in=states).first()
    return (user, request) if user is not None and request is not None else None


def _build_person_mail(user: User, request: RightsRequest, **said: PlaceholderValue) -> MailContent:
    active = user.status == Status.ACTIVE
    return MailContent(
        to=user.email,
        name=user.full_name,
        values={
            **_build_values(request),
            "action_url": build_absolute_url("profile:my_data") if active else "",
            **said,
        },
        team="Le délégué à la protection des données d’OPCO Mobilités",
        reply_to=settings.DPO_EMAIL,
        deadline=request.due_on if request.is_open else None,
    )


def _build_values(request: RightsRequest) -> dict[str, PlaceholderValue]:
    return {
        "reference": request.reference,
        "right": request.get_right_display(),
        "received": french_date(request.received_on),
        "until": _format_until(request.due_on),
    }


def _format_until(day: date) -> str:
    return f"au plus tard le {french_date(day)} (heure de Paris)"


# --- to the DPO's mailbox: a link, no personal value ----------------------------------------


def build_rights_received(mail: Mail, now: datetime) -> MailContent | None:
    request = _find_open_request(mail)
    return _build_dpo_mail(request) if request is not None else None


def build_rights_due(mail: Mail, now: datetime) -> MailContent | None:
    request = _find_open_request(mail)
    if request is None:
        return None
    return _build_dpo_mail(request, late=request.is_late(paris_date(now)))


def _find_open_request(mail: Mail) -> RightsRequest | None:
    return RightsRequest.objects.open().filter(pk=mail.subject_id).first()


def _build_dpo_mail(request: RightsRequest, **said: PlaceholderValue) -> MailContent:
    address = build_absolute_url("admin:profile_rightsrequest_change", request.pk)
    return MailContent(
        to=settings.DPO_EMAIL, values={**_build_values(request), "action_url": address, **said}
    )


_REQUEST: Final = (
    line_value("reference", "référence de la demande", "DR-2026-0042"),
    line_value("right", "droit exercé", "Accès à mes données"),
    line_value("received", "jour de la réception", "mardi 17 mars 2026"),
    line_value("until", "date limite", "au plus tard le vendredi 17 avril 2026 (heure de Paris)"),
)
_MINE: Final = link_value("action_url", "page «\u00a0Mes données\u00a0»", "/mes-donnees/")
_THEIRS: Final = link_value("action_url", "page de la demande, pour les agents", "/admin/")
MAILS: Final = (
    MailKind(
        IDENTITY_CHANGED,
        "identité modifiée",
        build_identity_changed,
        (
            *(ADDRESS, REPORT_LOSS),
            line_value(
                "changed_at", "moment du changement", "mardi 17 mars 2026 à 10\u00a0h\u00a000"
            ),
            line_value("what", "ce qui a changé", "téléphone", required=True),
        ),
    ),
    MailKind(
        export_flows.READY,
        "copie de données prête",
        build_export_ready,
        (
            line_value(
                "until", "fin de la mise à disposition", "mardi 17 mars 2026 à 10\u00a0h\u00a000"
            ),
            link_value("action_url", "page de la copie", "/mes-donnees/copie/"),
            link_value("loss_url", "signalement d’une perte ou d’un vol", "/perte/"),
        ),
    ),
    MailKind(
        rights_flows.ACKNOWLEDGED,
        "demande de droit\u00a0: accusé de réception",
        build_rights_acknowledged,
        (*_REQUEST, line_value("dpo_email", "adresse du délégué", "dpo@opcomobilites.fr"), _MINE),
    ),
    MailKind(
        rights_flows.EXTENDED,
        "demande de droit\u00a0: délai prolongé",
        build_rights_extended,
        (*_REQUEST, paragraphs_value("reason", "motif", "Demande complexe.", required=True), _MINE),
    ),
    MailKind(
        rights_flows.SETTLED,
        "demande de droit\u00a0: réponse",
        build_rights_settled,
        (
            *(*_REQUEST, _MINE),
            flag_value("refused", "la demande est refusée", sample=False),
            paragraphs_value("answer", "réponse, vide si la personne peut se connecter", ""),
        ),
    ),
    MailKind(
        rights_flows.NEW, "demande de droit reçue", build_rights_received, (*_REQUEST, _THEIRS)
    ),
    MailKind(
        rights_flows.DUE,
        "demande de droit\u00a0: échéance",
        build_rights_due,
        (*_REQUEST, _THEIRS, flag_value("late", "le délai est passé", sample=False)),
    ),
)
