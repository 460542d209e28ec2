"""The letters about an establishment's accounts."""

from datetime import datetime

from django.conf import settings

from accounts.habilitations.enums import Role
from accounts.habilitations.models import Access, Establishment
from accounts.habilitations.querysets import administrators_of, without_administrator
from mgestion.outbox.letters import compose
from mgestion.outbox.messages import Message
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import phone_fr
from mgestion.web.links import absolute
from registrations.establishments import access_reviews, orphans
from registrations.establishments.colleagues import key
from registrations.establishments.models import AccessReview
from registrations.establishments.role_flows import ROLE_ASKED_MAIL
from registrations.requests.contacts import contact_of, mailbox_of


def access_ended(mail: Mail, now: datetime) -> Message | None:
    """To the person: an Administrateur ended the accesses to his establishment; the account stays
    (D31). None once the person is gone.
    """
    access = (
        Access.objects.ended()
        .select_related("user", "establishment__department__delegation")
        .filter(pk=mail.data.get("access"))
        .first()
    )
    if access is None or access.ended_at is None:
        return None
    contact = contact_of(access.establishment.department.delegation)
    context: dict[str, object] = {
        "greeting": f"Bonjour {access.user.full_name},",
        "place": access.establishment,
        "ended_at": access.ended_at,
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": phone_fr(contact.phone),
        "privacy_url": absolute("legal:privacy"),
    }
    return compose(
        "mail/registrations/access_ended",
        context,
        to=access.user.email,
        reply_to=contact.email,
    )


def role_asked(mail: Mail, now: datetime) -> Message | None:
    """To the délégation: an Administrateur asks for another role for somebody. A shared mailbox: a
    link, no personal value (S60). None once the access has ended or has that role.
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
        "role_asked",
        access.establishment,
        access=access,
        role=Role(role).label,
        action_url=absolute("admin:habilitations_access_change", access.pk),
        action_label="Ouvrir l’accès",
    )


def no_administrator(mail: Mail, now: datetime) -> Message | None:
    """To the délégation: nobody looks after the accounts of an establishment any more. None once
    somebody does, or nobody is left.
    """
    place = (
        without_administrator()
        .select_related("department__delegation")
        .filter(pk=mail.data.get("establishment"))
        .first()
    )
    if place is None:
        return None
    return _to_delegation(
        "no_administrator",
        place,
        action_url=absolute("admin:habilitations_establishment_change", place.pk),
        action_label="Ouvrir l’établissement",
    )


def access_review(mail: Mail, now: datetime) -> Message | None:
    """To an Administrateur: the accesses of his establishment are to be verified."""
    return _review(mail, reminder=False)


def access_review_reminder(mail: Mail, now: datetime) -> Message | None:
    """The same, once more."""
    return _review(mail, reminder=True)


def _review(mail: Mail, *, reminder: bool) -> Message | None:
    """None once the review is over, or the person looks after that establishment no more."""
    review = (
        AccessReview.objects.open()
        .select_related("establishment__department__delegation")
        .filter(pk=mail.data.get("review"))
        .first()
    )
    if review is None or mail.person is None:
        return None
    place = review.establishment
    person = administrators_of(place).filter(public_id=mail.person).first()
    if person is None:
        return None
    contact = contact_of(place.department.delegation)
    context: dict[str, object] = {
        "greeting": f"Bonjour {person.full_name},",
        "place": place,
        "reminder": reminder,
        "left": access_reviews.pending(review).exclude(pk=person.pk).count(),
        "deadline_text": f"Réponse attendue jusqu’au {access_reviews.last_day(review)} inclus "
        "(heure de Paris). Sans réponse, aucun compte n’est désactivé\u00a0: votre délégation en "
        "est informée.",
        "action_url": f"{absolute('registrations:users_review')}?etablissement={key(place)}",
        "action_label": "Vérifier les accès",
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": phone_fr(contact.phone),
        "privacy_url": absolute("legal:privacy"),
    }
    return compose(
        "mail/registrations/access_review", context, to=person.email, reply_to=contact.email
    )


def _to_delegation(letter: str, place: Establishment, **said: object) -> Message:
    context = {
        "greeting": "Bonjour,",
        "place": place,
        "privacy_url": absolute("legal:privacy"),
        **said,
    }
    return compose(
        f"mail/registrations/{letter}",
        context,
        to=mailbox_of(place.department.delegation, None),
        reply_to=settings.CONTACT_EMAIL,
    )


MAILS = {
    "registrations.access_ended": access_ended,
    ROLE_ASKED_MAIL: role_asked,
    orphans.KIND: no_administrator,
    access_reviews.KIND: access_review,
    access_reviews.REMINDER_KIND: access_review_reminder,
}
