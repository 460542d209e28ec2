"""The report of `make chaos`, which becomes docs/chaos.md."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.chaos.platforms import PROMPT
from benchmarks.chaos.told import Held, Told, find_slowest_logout


@dataclass(frozen=True)
class Setting:
    at_once: int
    riders: int
    idle: int
    pause: float
    worker_kills: int
    database_ends: int
    orphans: int


@dataclass(frozen=True)
class Line:
    """One fault: moments of the monotonic clock, answers that were lost, what was seen."""

    name: str
    began: float
    over: float
    lost: int
    seen: str


def write_report(
    setting: Setting,
    told: Told,
    held: Held,
    lines: list[Line],
    faults: list[str],
    seconds: float,
) -> str:
    copies = sum(count - 1 for count in held.received.values())
    rows = "\n".join(_write_row(line, told, held) for line in lines)
    errors = ", ".join(f"{count} of {status}" for status, count in sorted(told.statuses.items()))
    copies_allowed = setting.worker_kills + setting.database_ends
    by_agent = sum(by_agent for _, _, by_agent, _ in held.messages)
    calls = sum(len(tickets) for tickets in held.logouts.values())
    tickets = len({ticket for tickets in held.logouts.values() for ticket, _ in tickets})
    wrong = "\n".join(f"- {one}" for one in faults) or "None."
    active = sum(1 for _, status in held.accounts if status == "active")
    steps = Counter(line for _, line in held.cases)
    dropped = sum(1 for _, _, _, status in held.mails if status == "dropped")
    mails = f"{len(held.mails)} rows, {dropped} of them pointless when their turn came," + (
        f" {len(held.received)} received, {copies} second copies"
    )
    return f"""# Breaking it

Written by `make chaos`: the portal as production runs it (Caddy, gunicorn with two processes, a
worker, beat, PgBouncer, a PostgreSQL that writes to the disk, Redis, a mail relay, two platforms).
{setting.at_once} people at a time sign up, choose a password, log in, ask for an access, and send
a message with a document; an agent answers and accepts; {setting.riders} people enter both
platforms and log out again and again; {setting.idle} accounts have their 24 months over. Whoever
loses an answer tries again, as people do. Then a checker (`benchmarks/chaos/told.py`, which has
tests) compares what people were told with what the database, the disk, the mail relay and the
platforms hold. The portal and PostgreSQL lie on small disks of their own, which can be full (for
root only: elsewhere those two faults are left out).

| fault, and {setting.pause:.0f} s of rest | took | answers lost | slowest logout | seen |
|---|---|---|---|---|
{rows}

« Slowest logout »: from a logout to the moment when the platform that always answers is told of it.

| | told | held |
|---|---|---|
| sign-ups | {len(told.signed_up)} | {len(held.accounts)} accounts |
| passwords chosen | {len(told.activated)} | {active} active |
| requests sent | {len(told.requests)} | {len(held.requests)} |
| messages | {len(told.messages)} | {len(held.messages)}, {by_agent} the agent's; one mail each |
| documents | {len(told.documents)} | {len(held.uploads)}; {setting.orphans} files without a row |
| acceptances | {len(told.accepted)} | {len(held.accesses)} accesses |
| ends of sessions on platforms | {len(told.ended)} | {tickets}, in {calls} calls |
| mails | | {mails} |
| notices of inactivity | {setting.idle} due | {steps["notice_queued"]} |

Answers that were errors: {errors or "none"}. Nobody is told 500.

Second copies: {copies_allowed} are allowed, one for each worker that was killed
({setting.worker_kills}) and each time that PostgreSQL ended ({setting.database_ends}): the one
window of SMTP, [operations](operations.md). Files without a row are of web processes that were
killed; a job removes them after a day.

**Differences**

{wrong}

{seconds:.0f} seconds, on {datetime.now(UTC):%d %B %Y}, 2 processors.

**Not tried here**: several hosts, each with its clock; a disk that answers with errors; a network
that loses packets.
"""


def _write_row(line: Line, told: Told, held: Held) -> str:
    slowest = find_slowest_logout(told, held, PROMPT, line.began, line.over)
    took = line.over - line.began
    return f"| {line.name} | {took:.0f} s | {line.lost} | {slowest:.0f} s | {line.seen} |"
