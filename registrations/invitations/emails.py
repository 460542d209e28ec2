"""The mails of invitations: to the invited address, and to the délégation when the administrator
has decided.
"""

from datetime import datetime
from typing import Final

from accounts.habilitations.accesses.models import Access
from accounts.leaving.block_list import is_blocked
from mgestion.outbox.catalogue.kinds import (
    MailContent,
    MailKind,
    flag_value,
    line_value,
    link_value,
)
from mgestion.outbox.models import Mail
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_date, french_moment, last_day_before
from mgestion.web.links import build_absolute_url
from registrations.establishments.emails import build_place_content, describe_place
from registrations.invitations.evidence import describe_inviter
from registrations.invitations.flows import INVITATION_MAIL
from registrations.invitations.invitation_links import sign_invitation_key
from registrations.invitations.models import Invitation, InvitationStatus
from registrations.invitations.querysets import select_invitations_with_details
from registrations.requests.enums import RequestStatus
from registrations.requests.mail_contents import (
    COMPANY,
    DEPARTMENT,
    DESK_PAGE,
    ESTABLISHMENT_TYPE,
    REFERENCE,
    SIRET,
    build_agent_content,
)
from registrations.requests.querysets import find_request_with_details

OPENED_BY_ADMINISTRATOR_MAIL: Final = "registrations.opened_by_administrator"


def build_invitation(mail: Mail, now: datetime) -> MailContent | None:
    """To the invited address. The words differ for who has the access already, and nothing goes to
    a blocked person: only the mailbox's reader can know. None once the invitation is over.
    """
    invitation = select_invitations_with_details().filter(pk=mail.subject_id).first()
    if invitation is None or invitation.get_state(now) != InvitationStatus.PENDING:
        return None
    if is_blocked(invitation.email):
        return None
    place = invitation.establishment
    last_day, key = last_day_before(invitation.expires_at), sign_invitation_key(invitation)
    values = {
        **describe_place(place),
        "inviter": describe_inviter(invitation),
        "platform": invitation.platform.name,
        "role": invitation.get_role_display(),
        "last_day": french_date(last_day),
        "already": _has_access(invitation),
        "action_url": build_absolute_url("registrations:invitation", key),
        "roles_url": build_absolute_url("habilitations:roles"),
    }
    return build_place_content(place, invitation.email, values, deadline=last_day)


def _has_access(invitation: Invitation) -> bool:
    return (
        Access.objects.open()
        .filter(
            user__email_key=invitation.email_key,
            platform=invitation.platform,
            establishment=invitation.establishment,
            role=invitation.role,
        )
        .exists()
    )


def build_opened_by_administrator(mail: Mail, now: datetime) -> MailContent | None:
    """To the délégation: an access was opened on the decision of an administrator. A shared
    mailbox: a link, no name. None if that decision does not stand any more.
    """
    request = find_request_with_details(mail.subject_id)
    if request is None or request.status != RequestStatus.APPROVED or request.decided_at is None:
        return None
    return build_agent_content(
        request,
        platform=request.platform.name,
        role=request.get_granted_role_display(),
        company=request.company_name,
        siret=siret(request.siret),
        establishment_type=request.get_kind_display(),
        department=str(request.department),
        decided_at=french_moment(request.decided_at),
    )


_PLATFORM: Final = line_value("platform", "nom de la plateforme", "M-Gestion")
MAILS: Final = (
    MailKind(
        INVITATION_MAIL,
        "invitation d’un collègue",
        build_invitation,
        (
            line_value(
                "inviter", "qui invite, avec son rôle", "Ada Fictive, Administrateur", required=True
            ),
            line_value("establishment", "nom de l’établissement", "Garage Fictif", required=True),
            line_value("establishment_short", "son nom, abrégé pour l’objet", "Garage Fictif"),
            *(SIRET, _PLATFORM),
            line_value("role", "rôle proposé", "Gestionnaire"),
            line_value("last_day", "dernier jour", "mardi 31 mars 2026", required=True),
            flag_value("already", "la personne a déjà cet accès", sample=False),
            link_value("action_url", "lien de l’invitation", "/invitation/exemple/"),
            link_value("roles_url", "page des rôles", "/roles/", required=False),
        ),
    ),
    MailKind(
        OPENED_BY_ADMINISTRATOR_MAIL,
        "accès ouvert par l’administrateur de l’établissement",
        build_opened_by_administrator,
        (
            *(REFERENCE, COMPANY, SIRET, ESTABLISHMENT_TYPE, DEPARTMENT, DESK_PAGE, _PLATFORM),
            line_value("role", "rôle accordé", "Gestionnaire"),
            line_value(
                "decided_at",
                "moment de la décision",
                "mardi 17 mars 2026 à 10\u00a0h\u00a000 (heure de Paris)",
            ),
        ),
    ),
)
