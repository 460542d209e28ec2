"""The report of `make chaos`, which becomes docs/chaos.md."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.chaos.told import Held, Told


@dataclass(frozen=True)
class Setting:
    at_once: int
    idle: int
    pause: float
    kills: int


def write_report(
    setting: Setting,
    told: Told,
    held: Held,
    lines: list[tuple[str, float, int]],
    faults: list[str],
    seconds: float,
) -> str:
    copies = sum(count - 1 for count in held.received.values())
    rows = "\n".join(f"| {name} | {took:.0f} s | {lost} |" for name, took, lost in lines)
    wrong = "\n".join(f"- {one}" for one in faults) or "None."
    active = sum(1 for _, status in held.accounts if status == "active")
    steps = Counter(line for _, line in held.cases)
    dropped = sum(1 for _, _, _, status in held.mails if status == "dropped")
    mails = f"{len(held.mails)} rows, {dropped} of them pointless when their turn came," + (
        f" {len(held.received)} received, {copies} second copies"
    )
    return f"""# Breaking it

Written by `make chaos`: the portal as production runs it (Caddy, gunicorn with two processes, a
worker, beat, PgBouncer, a PostgreSQL that writes to the disk, Redis, a mail relay),
{setting.at_once} people at a time who sign up, choose a password, log in and ask for an access, an
agent who accepts, and {setting.idle} accounts whose 24 months are over. Whoever loses an answer
tries again, as people do. Then a checker (`benchmarks/chaos/told.py`, which has tests) compares
what people were told with what the database and the mail relay hold.

| fault, and {setting.pause:.0f} s of rest | took | answers lost |
|---|---|---|
{rows}

| | told | held |
|---|---|---|
| sign-ups | {len(told.signed_up)} | {len(held.accounts)} accounts |
| passwords chosen | {len(told.activated)} | {active} active |
| requests sent | {len(told.requests)} | {len(held.requests)} |
| acceptances | {len(told.accepted)} | {len(held.accesses)} accesses |
| mails | | {mails} |
| notices of inactivity | {setting.idle} due | {steps["notice_queued"]} |

Second copies: {setting.kills} are allowed, one for each worker that was killed (the one window of
SMTP, [operations](operations.md)).

**Differences**

{wrong}

{seconds:.0f} seconds, on {datetime.now(UTC):%d %B %Y}, 2 processors.

**Not tried here**: a full disk, the clock of a web process or of the database, a platform that
hangs at single logout (tests of its own have one), several hosts.
"""
