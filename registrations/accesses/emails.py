"""The mails about a person who gives up an access. Each names the accesses of `mail.data`."""

from datetime import datetime
from typing import Final

from accounts.habilitations.accesses.models import Access
from accounts.habilitations.accesses.querysets import (
    select_administrators,
    select_establishments_without_administrator,
)
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    PlaceholderValue,
    flag_value,
    items_value,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.text.dates import french_moment
from mgestion.web.links import build_absolute_url
from registrations.accesses.leave_flows import COLLEAGUE_LEFT_MAIL, DEPARTURE_MAIL, LEFT_MAIL
from registrations.establishments.emails import (
    PLACE,
    build_delegation_content,
    build_place_content,
    describe_place,
)


def build_access_left(mail: Mail, now: datetime) -> MailContent | None:
    """To the person: what they gave up, as a receipt. None once they are gone."""
    accesses = _find_ended_accesses(mail)
    if not accesses:
        return None
    values = {**_describe_departure(accesses), "loss_url": build_absolute_url("entry:loss_ask")}
    return build_place_content(accesses[0].establishment, accesses[0].user, values)


def build_colleague_left(mail: Mail, now: datetime) -> MailContent | None:
    """To an administrator of the establishment. None once they are not, or the person is gone."""
    accesses = _find_ended_accesses(mail)
    if not accesses or mail.person is None:
        return None
    person, place = accesses[0].user, accesses[0].establishment
    administrator = select_administrators(place).filter(public_id=mail.person).first()
    if administrator is None:
        return None
    values = {
        **_describe_departure(accesses),
        "person": person.full_name,
        "action_url": f"{build_absolute_url('registrations:users')}?etablissement={place.key}",
    }
    return build_place_content(place, administrator, values)


def build_departure(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation. A shared mailbox: a link, no personal value."""
    accesses = _find_ended_accesses(mail)
    if not accesses:
        return None
    place = accesses[0].establishment
    values = {
        **_describe_departure(accesses),
        "orphan": select_establishments_without_administrator().filter(pk=place.pk).exists(),
        "action_url": build_absolute_url("admin:habilitations_access_change", accesses[0].pk),
    }
    return build_delegation_content(place, values)


def _find_ended_accesses(mail: Mail) -> list[Access]:
    ids = [int(part) for part in str(mail.data.get("accesses", "")).split(",") if part.isdigit()]
    return list(
        Access.objects.ended()
        .filter(pk__in=ids)
        .select_related("user", "platform", "establishment__department__delegation")
        .order_by("platform__position", "pk")
    )


def _describe_departure(accesses: list[Access]) -> dict[str, PlaceholderValue]:
    return {
        **describe_place(accesses[0].establishment),
        "accesses": tuple(
            f"{access.platform.name}\u00a0: {access.get_role_display()}" for access in accesses
        ),
        "ended_at": french_moment(accesses[0].ended_at) if accesses[0].ended_at else "",
    }


_LEFT: Final = (
    *PLACE,
    items_value("accesses", "accès terminés", "M-Gestion Entreprise\u00a0: Gestionnaire"),
    line_value("ended_at", "moment de la fin", "mardi 17 mars 2026 à 10\u00a0h\u00a000"),
)
MAILS: Final = (
    MailKind(
        LEFT_MAIL,
        "accès quitté par la personne",
        build_access_left,
        (*_LEFT, link_value("loss_url", "page de signalement", "/perte-ou-vol/")),
    ),
    MailKind(
        COLLEAGUE_LEFT_MAIL,
        "une personne a quitté l’établissement",
        build_colleague_left,
        (
            *_LEFT,
            line_value("person", "nom de la personne", "Camille Fictive", required=True),
            link_value("action_url", "page des comptes", "/m-gestion/utilisateurs/"),
        ),
    ),
    MailKind(
        DEPARTURE_MAIL,
        "accès quitté par la personne, pour la délégation",
        build_departure,
        (
            *_LEFT,
            flag_value("orphan", "l’établissement n’a plus d’administrateur"),
            link_value("action_url", "page de l’accès, pour les agents", "/admin/"),
        ),
    ),
)
