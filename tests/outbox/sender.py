"""`python -m tests.outbox.sender`: a worker in a process of its own, which tests may kill.

Says « ready ». For each line « SECONDS » it sends what is due so many seconds from now, until
nothing is, and prints how many mails were accepted.
"""

import os
import sys
from datetime import datetime, timedelta
from uuid import uuid4


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "mgestion.settings"
    import django

    django.setup()
    from tests.outbox.kinds import register

    register()
    _say("ready")
    for line in sys.stdin:
        _say(str(send_due_mails(timedelta(seconds=int(line)))))


def send_due_mails(ahead: timedelta) -> int:
    """Until nothing is due `ahead` of now; gives how many were accepted."""
    from django.utils import timezone

    from mgestion.outbox import flows

    def clock() -> datetime:
        return timezone.now() + ahead

    accepted = 0
    while (done := flows.deliver_due_mails(clock, uuid4(), limit=40)).accepted:
        accepted += done.accepted
    return accepted


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
