"""A password chosen from the link of an invitation: the mail proves the address as that of a
sign-up does (D69).
"""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.entry.sign_up.first_password import open_account
from accounts.entry.sign_up.flows import create_pending_account, tell_account_exists
from accounts.leaving.block_list import is_blocked
from accounts.legal.models import TermsVersion
from accounts.people.enums import Status
from accounts.people.models import User
from mgestion.errors import WrongState
from registrations.invitations.models import Invitation, InvitationStatus

LINK_USED = (
    "Ce lien a déjà servi à choisir un mot de passe\u00a0: connectez-vous avec votre adresse "
    "e-mail. Si vous avez oublié ce mot de passe, choisissez-en un autre."
)


@transaction.atomic
def choose_password(
    invitation: Invitation, *, password_hash: str, terms: TermsVersion, now: datetime
) -> str:
    """Open the account of the invited address. Nobody is logged in by it.

    For an address that has an account nothing changes: its holder is told by mail, as after a
    sign-up (S8). The page's answer is the same. Raises WrongState when the link was used meanwhile,
    when the invitation is over, or when `terms` is no longer in force. Returns the outcome.
    """
    # The claim: of two posts at once, one wins.
    won = Invitation.objects.filter(
        pk=invitation.pk,
        status=InvitationStatus.PENDING,
        link_used_at__isnull=True,
        expires_at__gt=now,
    ).update(link_used_at=now)
    if not won:
        raise WrongState("link_used", LINK_USED)
    if is_blocked(invitation.email):
        return "blocked"
    user = User.objects.with_address(invitation.email)
    if user is None:
        user, _ = create_pending_account(invitation.email, now)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.status != Status.PENDING:
        path = reverse("registrations:invited", args=[invitation.pk])
        return tell_account_exists(user, target=path, now=now)
    open_account(user, password_hash=password_hash, terms=terms, now=now)
    return "opened"
