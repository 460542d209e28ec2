"""« Signaler une perte ou un vol d’identifiants ».

The page is public and tells nothing: it posts a request for any address, and only the mailed link
acts.
"""

from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.entry.acts import EntryAct
from accounts.entry.links import mailed_links
from accounts.entry.models import EntryLink
from accounts.entry.second_factor import flows as second_factor_flows
from accounts.entry.second_factor.passkeys import owned_passkeys
from accounts.entry.sessions import session_flows
from accounts.people import account_states
from accounts.people.models import User
from accounts.people.notifications import tell_account_change
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor

STAFF_MAIL: Final = "entry.loss_reported"
GONE: Final = "Ce lien ne peut plus servir\u00a0: demandez-en un nouveau."


@transaction.atomic
def report_loss(link: EntryLink, *, now: datetime) -> EntryLink:
    """Use a loss link: every session ends, the password is made useless and passkeys insufficient
    by themselves, young factors are set aside, staff are told. Returns the link to a new password.

    Raises WrongState when the link was used meanwhile.
    """
    user = User.objects.select_for_update().get(pk=link.user_id)
    if not account_states.may_receive_reset(user, now) or not mailed_links.consume_link(link, now):
        raise WrongState("link_gone", GONE)
    user.password = make_password(None)
    user.save(update_fields=["password"])
    owned_passkeys.require_password_with_passkeys(user)
    second_factor_flows.set_aside_young_factors(user, now=now)
    session_flows.end_all_sessions(user, reason="loss", now=now)
    mailed_links.end_open_links(user, now=now)
    act, actor = EntryAct.ACCOUNT_LOSS_REPORTED, Actor.person(user)
    tell_account_change(act, STAFF_MAIL, user, actor=actor, now=now)
    return mailed_links.issue_link(user, mailed_links.Purpose.RESET, now=now)
