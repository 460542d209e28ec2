"""What an invitation says for a request: who invited, with which role, when, and whether it is for
what the request asks.
"""

from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch

from accounts.habilitations.platforms.models import AdmissionRule, Platform
from mgestion.templatetags.portal import siret
from mgestion.text.dates import french_date
from registrations.invitations.models import Invitation
from registrations.requests.models import Request

_INVITATION_RELATED: Final = ("establishment", "platform", "invited_by")
# What `describe_evidence` reads of a request.
EVIDENCE_RELATED: Final = tuple(f"invitation__{name}" for name in _INVITATION_RELATED)
_NOBODY: Final = "un administrateur dont le compte n’existe plus"


@dataclass(frozen=True, slots=True)
class InvitationEvidence:
    """`words`: « invité par Ada Fictive, Administrateur de Garage Fictif, le … ». `faults`: why it
    proves less than it seems, in French; a request with a fault is decided one by one.
    """

    words: str
    role: str
    faults: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return f"{self.words[:1].upper()}{self.words[1:]}."


def describe_inviter(invitation: Invitation) -> str:
    """« Ada Fictive, Administrateur »."""
    return f"{invitation.invited_by or _NOBODY}, {invitation.get_inviter_role_display()}"


def describe_invitation(invitation: Invitation) -> str:
    """« invité par Ada Fictive, Administrateur de Garage Fictif (SIRET …), le mardi … »."""
    place = invitation.establishment
    return (
        f"invité par {describe_inviter(invitation)} de {place.name} "
        f"(SIRET\u00a0{siret(place.siret)}), le {french_date(invitation.sent_at)}"
    )


def describe_evidence(request: Request) -> InvitationEvidence | None:
    """The invitation of a request read with `EVIDENCE_RELATED` or `prefetch_evidence`, or None. One
    query at most.
    """
    invitation = request.invitation
    if invitation is None:
        return None
    return InvitationEvidence(
        words=describe_invitation(invitation),
        role=invitation.get_role_display(),
        faults=tuple(_list_faults(request, invitation)),
    )


def prefetch_evidence() -> "Prefetch[str]":
    """`EVIDENCE_RELATED` in a statement of its own, and in none where nobody was invited."""
    return Prefetch("invitation", Invitation.objects.select_related(*_INVITATION_RELATED))


def _list_faults(request: Request, invitation: Invitation) -> list[str]:
    place = invitation.establishment
    found = []
    if (place.siret, place.kind) != (request.siret, request.kind):
        found.append("La demande corrigée est pour un autre établissement que l’invitation.")
    if invitation.platform_id != request.platform_id:
        found.append(f"L’invitation est pour {invitation.platform}.")
    if invitation.role != request.asked_role:
        found.append(
            f"L’invitation propose le rôle «\u00a0{invitation.get_role_display()}\u00a0», la "
            f"demande «\u00a0{request.get_asked_role_display()}\u00a0»."
        )
    rules = AdmissionRule.objects.filter(
        platform=OuterRef("pk"),
        kind=place.kind,
        profile=invitation.profile_id,
        role=invitation.role,
    )
    rows = Platform.objects.filter(pk=invitation.platform_id)
    signed, admitted = rows.values_list(Exists(invitation.select_signatures()), Exists(rules)).get()
    if not signed:
        found.append("La personne qui invite n’administre plus cet établissement.")
    if not admitted:
        found.append(
            f"{invitation.platform} ne prévoit plus ce rôle pour ce type d’établissement et ce "
            "profil."
        )
    return found
