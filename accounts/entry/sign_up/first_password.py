"""The first password: it proves the address, accepts the terms and opens the account, all at
once."""

from datetime import datetime

from django.db import transaction

from accounts.entry.acts import EntryAct
from accounts.entry.limits import rate_limits
from accounts.entry.links import mailed_links
from accounts.entry.models import EntryLink
from accounts.legal.models import TermsAcceptance, TermsVersion
from accounts.legal.terms import flows as legal
from accounts.people import account_states
from accounts.people.models import User
from mgestion.errors import WrongState
from mgestion.journal.actors import Actor
from mgestion.journal.flows import write_account_entry

LINK_USED = "Ce lien a déjà servi\u00a0: votre mot de passe est créé, connectez-vous."


@transaction.atomic
def create_password(
    link: EntryLink, *, password_hash: str, terms: TermsVersion, now: datetime
) -> User:
    """Use a sign-up link. Nobody is logged in by it.

    `password_hash` is made before, outside the transaction. Raises WrongState when the link was
    used meanwhile, or when `terms` is no longer the version in force; then nothing has changed.
    """
    user = User.objects.select_for_update().get(pk=link.user_id)
    if not mailed_links.consume_link(link, now):
        raise WrongState("link_used", LINK_USED)
    open_account(user, password_hash=password_hash, terms=terms, now=now)
    return user


def open_account(user: User, *, password_hash: str, terms: TermsVersion, now: datetime) -> None:
    """Activate a pending account, locked by the caller, whose address a mailed link has proven."""
    actor = Actor.person(user)
    account_states.activate_account(user, password_hash=password_hash, actor=actor, now=now)
    legal.accept_version(user, terms, where=TermsAcceptance.Where.SIGN_UP, actor=actor, now=now)
    mailed_links.end_open_links(user, now=now)
    rate_limits.clear_address_counters(user.email)
    write_account_entry(EntryAct.PASSWORD_CREATED, user.public_id, actor=actor, now=now)
