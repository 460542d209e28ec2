"""Stores what a visitor posts: exactly one INSERT, whatever the address."""

from datetime import datetime

from accounts.entry.models import PostedRequest
from accounts.people.addresses import clean_address, fold_address

Kind = PostedRequest.Kind


def post_request(
    kind: Kind,
    address: str,
    *,
    target: str = "",
    counter: str = "",
    known: bool = False,
    now: datetime,
) -> PostedRequest:
    """Keep what was asked for `address`; a worker decides (`sweep`).

    `known`: from a browser of the account, or by staff; `counter`: the one to open. Only a
    sign-up keeps the address as typed: other mails go to the one that is stored.
    """
    return PostedRequest.objects.create(
        kind=kind,
        email=clean_address(address) if kind == Kind.SIGN_UP else "",
        email_key=fold_address(address),
        target=target,
        counter=counter,
        known=known,
        created_at=now,
    )
