"""`python -m tests.outbox.sender SECONDS`: a worker in a process of its own, which tests may kill.

Says « ready », waits for a line, then sends what is due `SECONDS` from now until nothing is.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from uuid import uuid4


def main(seconds: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "mgestion.settings"
    import django

    django.setup()
    from django.utils import timezone

    from mgestion.outbox import flows
    from tests.outbox.kinds import register

    register()

    def clock() -> datetime:
        return timezone.now() + timedelta(seconds=seconds)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    accepted = 0
    while (done := flows.deliver_due_mails(clock, uuid4(), limit=40)).accepted:
        accepted += done.accepted
    sys.stdout.write(f"{accepted}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
