"""What the door forgets by itself (R120, S29): the privacy page names these periods."""

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session

from accounts.entry.models import (
    EntryLink,
    FailureCounter,
    PasskeyChallenge,
    RateCounter,
    ResetRequest,
    SessionRecord,
    SignUp,
    UnlockRequest,
)


def purge(now: datetime) -> dict[str, int]:
    """Settled posts and counters go after RETENTION["pending_accounts"]: an address that was typed
    and never became an account is kept no longer. Ended sessions and links go after
    RETENTION["journal"], since they tell of devices and networks as the journal does.

    A locked counter stays: only a mail opens it (D57), and it holds a keyed hash alone. Returns the
    number of rows, by table; a row that refers to another counts with it.
    """
    posted = now - settings.RETENTION["pending_accounts"]
    logged = now - settings.RETENTION["journal"]
    old = {
        "sign_ups": SignUp.objects.filter(settled_at__isnull=False, created_at__lt=posted),
        "resets": ResetRequest.objects.filter(settled_at__isnull=False, created_at__lt=posted),
        "unlocks": UnlockRequest.objects.filter(settled_at__isnull=False, created_at__lt=posted),
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
    return {name: rows.delete()[0] for name, rows in old.items()}
