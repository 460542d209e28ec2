"""The key of an invitation in its mail: the row's id with a signature, as for the other mailed
links. Reading one changes nothing: mail scanners follow links.
"""

import uuid

from django.core.signing import BadSignature, Signer

from registrations.invitations.models import Invitation
from registrations.invitations.querysets import select_invitations_with_details


def _get_signer() -> Signer:
    return Signer(sep=".", salt="registrations.invitation")


def sign_invitation_key(invitation: Invitation) -> str:
    """The key to put in the mail."""
    return _get_signer().sign(invitation.id.hex)


def is_invitation_key(key: str) -> bool:
    """Whether the portal made this key, whatever became of its invitation."""
    try:
        _get_signer().unsign(key)
    except BadSignature:
        return False
    return True


def find_invitation_by_key(key: str) -> Invitation | None:
    """None for a forged or mangled key, or when the row was erased."""
    if not is_invitation_key(key):
        return None
    invitation_id = uuid.UUID(key.partition(".")[0])
    return select_invitations_with_details().filter(pk=invitation_id).first()
