"""What the account page tells by mail, and what the register of rights requests tells."""

from datetime import date, datetime
from typing import Any, Final

from django.conf import settings

from accounts.emails import greeting
from accounts.entry.emails import report_loss
from accounts.enums import Status
from accounts.models import User
from accounts.profile import flows_exports, flows_rights
from accounts.profile.enums import OPEN, RequestState
from accounts.profile.models import DataExport, RightsRequest
from mgestion.dates import french_date, french_moment, paris_date
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.web.links import absolute

IDENTITY_CHANGED: Final = "profile.identity_changed"


def identity_changed(mail: Mail, now: datetime) -> Message | None:
    """Told after the fact (C7). The values themselves are on the account page, not in a mailbox."""
    user = User.objects.filter(public_id=mail.subject_id).first()
    if user is None:
        return None
    context = {
        "greeting": greeting(user),
        "address": user.email,
        "changed_at": french_moment(datetime.fromisoformat(str(mail.data["at"]))),
        "what": str(mail.data["what"]),
        **report_loss(),
        "privacy_url": absolute("legal:privacy"),
    }
    return compose("mail/profile/identity_changed", context, to=user.email)


def export_ready(mail: Mail, now: datetime) -> Message | None:
    """None once its day is over, or for an account that cannot log in any more."""
    user = _user(mail)
    copy = DataExport.objects.filter(pk=mail.subject_id, expires_at__gt=now).defer("sealed").first()
    if user is None or user.status != Status.ACTIVE or copy is None or copy.expires_at is None:
        return None
    context = {
        "greeting": greeting(user),
        "until": french_moment(copy.expires_at),
        "action_url": absolute("profile:export", copy.pk),
        "action_label": "Lire ou télécharger ma copie",
        "loss_url": absolute("entry:loss_ask"),
        "privacy_url": absolute("legal:privacy"),
    }
    return compose("mail/profile/export_ready", context, to=user.email)


def _user(mail: Mail) -> User | None:
    return User.objects.filter(public_id=mail.person).first() if mail.person else None


# --- to the person, about a request ---------------------------------------------------------------


def rights_acknowledged(mail: Mail, now: datetime) -> Message | None:
    return _to_person(mail, "rights_acknowledged", OPEN)


def rights_extended(mail: Mail, now: datetime) -> Message | None:
    return _to_person(mail, "rights_extended", OPEN)


def rights_settled(mail: Mail, now: datetime) -> Message | None:
    """The answer is on the person's page; who cannot log in any more gets it in the mail."""
    return _to_person(
        mail, "rights_settled", (RequestState.ANSWERED, RequestState.REFUSED, RequestState.CLOSED)
    )


def _to_person(mail: Mail, name: str, states: Any) -> Message | None:
    user = _user(mail)
    request = RightsRequest.objects.filter(pk=mail.subject_id, state__in=states).first()
    if user is None or request is None:
        return None
    active = user.status == Status.ACTIVE
    context = {
        "greeting": greeting(user),
        "request": request,
        "right": request.get_right_display(),
        "received": french_date(request.received_on),
        "until": _until(request.due_on),
        "answer": "" if active else request.answer,
        "dpo_email": settings.DPO_EMAIL,
        "team": "Le délégué à la protection des données d’OPCO Mobilités",
        "action_url": absolute("profile:my_data") if active else "",
        "action_label": "Voir mes demandes",
        "privacy_url": absolute("legal:privacy"),
    }
    return compose(
        f"mail/profile/{name}",
        context,
        to=user.email,
        reply_to=settings.DPO_EMAIL,
        deadline=request.due_on if request.is_open else None,
    )


def _until(day: date) -> str:
    return f"au plus tard le {french_date(day)} (heure de Paris)"


# --- to the DPO's mailbox: a link, no personal value (S60) ----------------------------------------


def rights_received(mail: Mail, now: datetime) -> Message | None:
    return _to_dpo(mail, now, "rights_received")


def rights_due(mail: Mail, now: datetime) -> Message | None:
    return _to_dpo(mail, now, "rights_due")


def _to_dpo(mail: Mail, now: datetime, name: str) -> Message | None:
    request = RightsRequest.objects.open().filter(pk=mail.subject_id).first()
    if request is None:
        return None
    context = {
        "greeting": "Bonjour,",
        "request": request,
        "right": request.get_right_display(),
        "received": french_date(request.received_on),
        "until": _until(request.due_on),
        "late": request.is_late(paris_date(now)),
        "action_url": absolute("admin:profile_rightsrequest_change", request.pk),
        "action_label": "Ouvrir la demande",
        "privacy_url": absolute("legal:privacy"),
    }
    return compose(f"mail/profile/{name}", context, to=settings.DPO_EMAIL)


MAILS: Final = {
    IDENTITY_CHANGED: identity_changed,
    flows_exports.READY: export_ready,
    flows_rights.ACKNOWLEDGED: rights_acknowledged,
    flows_rights.EXTENDED: rights_extended,
    flows_rights.SETTLED: rights_settled,
    flows_rights.NEW: rights_received,
    flows_rights.DUE: rights_due,
}
