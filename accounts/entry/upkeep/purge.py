"""Deletes expired rows of sign-up and login; the privacy page names these periods."""

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.entry.limits.rate_limits import hash_address_with_all_keys
from accounts.entry.models import (
    EntryLink,
    FailureCounter,
    PasskeyChallenge,
    PostedRequest,
    RateCounter,
    SessionRecord,
)
from accounts.people.models import AllowedAddress, User
from mgestion import slots
from mgestion.personal_data import DataSubjects


@transaction.atomic
def purge_allowed_addresses(now: datetime) -> int:
    """Addresses that staff let through and that nobody has used for an account in
    RETENTION["allowed_addresses"], with what the journal's details and the administration's log
    say of them. A domain is nobody's and stays. Returns the number of addresses.
    """
    before = now - settings.RETENTION["allowed_addresses"]
    unused = (
        AllowedAddress.objects.filter(added_at__lt=before)
        .exclude(pattern__startswith="@")
        .filter(~Exists(User.objects.filter(email_key=OuterRef("pattern"))))
    )
    gone = tuple(unused.values_list("pattern", flat=True))
    if gone:
        were = DataSubjects(ids=(), public_ids=(), addresses=gone)
        for name in (
            "accounts.allowed_address_details",
            "accounts.admin_log",
            "accounts.allowed_address",
        ):
            slots.personal_data[name].run(were, now)
    return len(gone)


def purge_entry_rows(now: datetime) -> dict[str, int]:
    """Settled posts and counters go after RETENTION["pending_accounts"]: an address that was typed
    and never became an account is kept no longer. Ended sessions and links go after
    RETENTION["journal"], since they tell of devices and networks as the journal does.

    The locked counter of an account stays: only a mail opens it, and it holds a keyed hash alone.
    Returns the number of rows, by table; a row that refers to another counts with it.
    """
    posted = now - settings.RETENTION["pending_accounts"]
    logged = now - settings.RETENTION["journal"]
    old = {
        "posted": PostedRequest.objects.filter(settled_at__isnull=False, created_at__lt=posted),
        "rates": RateCounter.objects.filter(window__lt=posted),
        "failures": FailureCounter.objects.filter(
            last_failure_at__lt=posted, failures__lt=settings.LOGIN_MAX_FAILURES
        ),
        "links": EntryLink.objects.filter(expires_at__lt=logged),
        "records": SessionRecord.objects.filter(seen_at__lt=logged),
        "challenges": PasskeyChallenge.objects.filter(
            created_at__lt=now - settings.PASSKEY_CHALLENGE_LIFE
        ),
        "sessions": Session.objects.filter(expire_date__lt=now),
    }
    counts = {name: rows.delete()[0] for name, rows in old.items()}
    return {
        **counts,
        "locked": _purge_counters_of_nobody(logged),
        "allowed": purge_allowed_addresses(now),
    }


def _purge_counters_of_nobody(before: datetime) -> int:
    """Counters that were locked before `before` by guesses at an address that is no account's: no
    mail will ever open them. A counter names its address by a hash, so that all accounts are read;
    on most days there is none to ask about.
    """
    locked = FailureCounter.objects.filter(
        last_failure_at__lt=before, failures__gte=settings.LOGIN_MAX_FAILURES
    )
    keys = list(locked.values_list("pk", flat=True))
    if not keys:
        return 0
    addresses = User.objects.values_list("email_key", flat=True).iterator()
    owned = {each for address in addresses for each in hash_address_with_all_keys(address)}
    gone = [key for key in keys if key.partition(":")[0] not in owned]
    return locked.filter(pk__in=gone).delete()[0]
