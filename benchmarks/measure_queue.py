"""The review queue at a thousand, a hundred thousand and a million requests.

Sizes come from BENCH_REQUESTS ("1000,100000,1000000"), and some pages alone from BENCH_PAGES
("list,one DGA"). Needs PostgreSQL: the measure starts one of
its own. A reviewer of one délégation on our queue, a superuser on the stock admin over the same
table; whole pages through Django's test client, ours and the stock one in turn, so that what else
the machine does falls on both. Figures are medians in milliseconds, with what of them the database
took, and the number of statements.

Sizes are measured one after the other, so growth is corrected by that of one and the same page
without requests (the floor), taken in turn with the others: « ×1.10 » is 10 % more than at the
first size on a machine that is as busy. Seven requests in ten are of the reviewer's délégation and
each filter fills its page at every size, so that what grows is the rest and a ratio to the stock
admin speaks of as many rows. The last lines are the verdict on the goals: ours/stock for what finds
a page of rows, growth, statements.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks import serving
from benchmarks.verdicts import MET, MISSED, NOT_MEASURED, SMALL

_SIZES = os.environ.get("BENCH_REQUESTS") or ("200,1000" if SMALL else "1000,100000,1000000")
SIZES = [int(size) for size in _SIZES.split(",")]
PAGES: Final = {name.strip() for name in os.environ.get("BENCH_PAGES", "").split(",") if name}
ROUNDS: Final = 3 if SMALL else 15
FEWEST: Final = 2 if SMALL else 5
ENOUGH: Final = 3.0  # seconds spent on one page
# They find a row or none, and the stock page next to nothing at a thousand: judged at a million.
SEARCHES: Final = {"reference", "SIRET", "e-mail", "name", "phone", "fragment"}
FEW: Final = {*SEARCHES, "awaiting_document"}
MANY: Final = 1_000_000
GOAL_STOCK: Final = 1.0
GOAL_STOCK_MANY: Final = 0.6
GOAL_SEARCH_MANY: Final = 0.1
GOAL_GROWTH: Final = 1.3
FRAGMENT_INDEX: Final = "request_word_fragment"
FLOOR: Final = "/admin/password_change/done/"  # the admin's own frame, and no request in it
OURS: Final = "/admin/registrations/request/"
STOCK: Final = "/stock/registrations/request/"

PEOPLE = """
insert into accounts_user (id, public_id, email, email_key, last_name, first_name, phone, password,
    status, status_since, clock_from, session_epoch, is_staff, is_superuser, created_at)
select i, md5('user' || i)::uuid, 'claude' || i || '@garage' || i % 5000 || '.example.org',
    'claude' || i || '@garage' || i % 5000 || '.example.org', 'Fictif', 'Claude', '', '!',
    'active', now(), now(), 0, false, false, now()
from generate_series({first}, {last}) i
"""
# One in five is a training organisation; closed ones are spread over three years, the oldest first.
# Type, place, branch and outcome follow different digits, so that none implies another.
REQUESTS = """
insert into registrations_request (id, reference, user_id, last_name, first_name, phone,
    company_name, siret, kind, department_id, branch_id, profile_id, declared_at, delegation_id,
    dga_id, dashboard, status, submitted_at, due_at, version, decided_at, granted_role,
    refusal_reason_id, decision_text, may_resubmit, email_key, name_key, signals, previous_role,
    previous_dashboard, platform_id, asked_role, origin, service)
select md5('request' || i)::uuid,
    'MG-' || upper(substr(md5('a' || i), 1, 4)) || '-' || upper(substr(md5('b' || i), 1, 4))
        || case when i > 100000 then '-' || i else '' end,
    i, 'Fictif', 'Claude', '+331990' || lpad((i % 100000)::text, 5, '0'), 'Garage fictif ' || i,
    lpad(i::text, 9, '0') || '00017', case when i / 10 % 5 = 0 then 'of' else 'entreprise' end,
    d.code, case when i / 10 % 5 = 0 or o.other then null else b.id end,
    case when i / 10 % 5 = 0 then null else p.id end, s.at, d.delegation_id,
    case when i / 10 % 5 = 0 then f.id else b.dga_id end,
    case when o.other then '' else 'automobile' end,
    case when i > {closed} then 'submitted' when i % 7 = 0 then 'refused'
        when i % 5 = 0 then 'cancelled' else 'approved' end,
    s.at, s.at + interval '48 hours', 1,
    case when i > {closed} or (i % 7 <> 0 and i % 5 = 0) then null
        else s.at + ((i % 60) || ' hours')::interval end,
    '', case when i <= {closed} and i % 7 = 0 then r.ids[1 + i % array_length(r.ids, 1)] end, '',
    true, 'claude' || i || '@garage' || i % 5000 || '.example.org',
    (array['fictif','lefevre','martin','petit','durand'])[1 + i % 5] || i % 9973 || ' claude',
    case when i % 4 = 0 then ',messagerie,' else '' end, '', '', w.id, 'gestionnaire', 'form', ''
from generate_series({first}, {last}) i
cross join lateral (select i % 40 = 7 and i / 10 % 5 <> 0 as other) o
join habilitations_platform w on w.code = case when o.other then 'm-campus-entreprise'
    when i / 10 % 5 = 0 then 'm-gestion-of' else 'm-gestion-entreprise' end
cross join lateral (select now() - case when i > {closed} then (i % 60) * interval '1 hour'
    else interval '3 days' + ({closed} - i) * (interval '1095 days' / {closed}) end as at) s
join (select d.code, delegation_id, r.code = 'IDF' as here,
        row_number() over (partition by r.code = 'IDF' order by d.code) - 1 as n,
        count(*) over (partition by r.code = 'IDF') as size
        from habilitations_department d join habilitations_delegation r on r.id = delegation_id) d
    on d.here = (i % 10 < 7) and d.n = i / 11 % d.size
join (select id, dga_id, row_number() over (order by id) - 1 as n, count(*) over () as size
        from habilitations_branch) b on b.n = i / 3 % b.size
cross join (select min(id) as id from habilitations_profile) p
cross join (select id from habilitations_dga where fallback) f
cross join (select array_agg(id) as ids from registrations_refusalreason) r
"""

# As `registrations.search.search_words`: names, company, both halves of the reference, address.
WORDS = """
insert into registrations_requestword (request_id, word)
select distinct r.id, w.word from registrations_request r
cross join lateral regexp_split_to_table(lower(substr(r.reference, 4) || ' ' || r.last_name || ' '
    || r.first_name || ' ' || split_part(r.email_key, '@', 1) || ' ' || r.company_name || ' '
    || r.name_key), '[^0-9a-z]+') w(word)
where length(w.word) > 1
"""

# A block list of some length: none of it is anybody's here, and each page must find that out.
BLOCKED = """
insert into accounts_blockedperson (digest, reason, blocked_at)
select md5('a' || i) || md5('b' || i), 'fictif', now() from generate_series(1, 200) i
on conflict do nothing
"""


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


def fill(size: int) -> None:
    """Empty the table and put `size` requests in it: 900 open ones or one in 400, two in five at
    most.
    """
    from django.db import connection, transaction

    from accounts.people.models import User
    from mgestion.database.append_only import purge_window

    is_open = min(size * 2 // 5, max(900, size // 400))
    with connection.cursor() as cursor:
        with transaction.atomic(), purge_window():  # the history of requests is append-only
            cursor.execute("truncate registrations_request cascade")
        have = User.objects.filter(is_staff=False).count()
        if have < size:
            cursor.execute(PEOPLE.format(first=have + 1, last=size))
        cursor.execute(REQUESTS.format(first=1, last=size, closed=size - is_open))
        indexed = has_fragment_index()
        if indexed:  # ten million words go into a table faster than into such an index
            cursor.execute(f"drop index {FRAGMENT_INDEX}")
        cursor.execute(WORDS)
        if indexed:
            on = "registrations_requestword using gin (word gin_trgm_ops)"
            cursor.execute(f"create index {FRAGMENT_INDEX} on {on}")
        cursor.execute(BLOCKED)
        cursor.execute("vacuum analyze")


def pages() -> dict[str, tuple[str, str | None]]:
    """What is looked at: ours, and the stock admin's nearest equivalent."""
    from accounts.habilitations.reference.models import Delegation, Dga
    from registrations.requests.models import Request

    # Beyond 100,000 a reference is longer than real ones.
    decided = Request.objects.filter(delegation__code="IDF", status="approved", user_id__lte=10**5)
    some = decided.order_by("pk")[0]
    dga = Dga.objects.get(code="DGA-AUTO").pk
    idf = Delegation.objects.get(code="IDF").pk
    asked: dict[str, tuple[str, str | None]] = {
        "list": ("", "status__exact=submitted&o=10"),
        "all statuses": ("statut=toutes", ""),
        "sort, all": ("statut=toutes&o=recue", "o=10"),
        "one type": ("type=of", "kind__exact=of"),
        "type, all": ("type=of&statut=toutes", "kind__exact=of"),
        "one DGA": ("dga=DGA-AUTO", f"dga__id__exact={dga}"),
        "DGA, all": ("dga=DGA-AUTO&statut=toutes", f"dga__id__exact={dga}"),
        "délégation": ("delegation=IDF", f"delegation__id__exact={idf}"),
        "mine": ("instructeur=moi", None),
        "free": ("instructeur=personne", None),
    }
    for status in ("approved", "refused", "cancelled", "awaiting_document"):
        asked[status] = (f"statut={status}", f"status__exact={status}")
    for state in ("on_time", "amber", "overdue", "paused"):
        asked[state] = (f"echeance={state}", None)
    for signal in ("compte", "bloquee", "messagerie", "territoire", "non-routee"):
        asked[signal] = (f"signal={signal}", None)
    for name, text in {
        "reference": some.reference,
        "SIRET": some.siret,
        "e-mail": some.email_key,
        "name": some.name_key.split()[0],
        "name prefix": "lefevre",
        "fragment": some.name_key.split()[0][2:],  # inside a word
    }.items():
        asked[name] = (f"q={text}", f"q={text}")
    asked["phone"] = (f"q=0{some.phone[3:]}", f"q={some.phone}")
    return asked


def has_fragment_index() -> bool:
    """Whether PostgreSQL has `pg_trgm`: without it a fragment is looked for in all words."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_indexes where indexname = %s", [FRAGMENT_INDEX])
        return cursor.fetchone() is not None


class Clock:
    """Counts the statements, and the time that they take."""

    def __init__(self) -> None:
        self.statements = 0
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements += 1
            self.seconds += time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Seen:
    """One address: medians in milliseconds of the whole page and of its statements."""

    page: float
    sql: float
    statements: int


def once(client: Any, address: str) -> Seen:
    from django.db import connection

    clock = Clock()
    began = time.perf_counter()
    with connection.execute_wrapper(clock):
        answer = client.get(address)
    spent = time.perf_counter() - began
    assert answer.status_code == 200, (address, answer.status_code)
    return Seen(spent * 1000, clock.seconds * 1000, clock.statements)


def look(pairs: Sequence[tuple[Any, str]]) -> list[Seen]:
    """Each address in turn, round after round; the first round only warms up."""
    rounds: list[list[Seen]] = []
    until = time.perf_counter() + ENOUGH * len(pairs)
    for number in range(ROUNDS + 1):
        if number > FEWEST and time.perf_counter() > until:
            break
        rounds.append([once(client, address) for client, address in pairs])
    return [
        Seen(
            statistics.median(seen.page for seen in column),
            statistics.median(seen.sql for seen in column),
            column[-1].statements,
        )
        for column in zip(*rounds[1:], strict=True)
    ]


def goal_of(name: str, size: int) -> float | None:
    """The most that ours may cost beside the stock admin; None where it says nothing."""
    if size >= MANY:
        return GOAL_SEARCH_MANY if name in SEARCHES else GOAL_STOCK_MANY
    return None if name in FEW else GOAL_STOCK


@dataclass
class Verdict:
    """What is promised (ours/stock, growth since the first size, statements), at its worst."""

    first: dict[str, tuple[float, int]] = field(default_factory=dict)
    slow: list[str] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)

    def judge(self, size: int, name: str, seen: Seen, floor: float, stock: float | None) -> float:
        """The growth, corrected by the floor's; writes down what is beyond the goals."""
        cost, statements = self.first.setdefault(name, (seen.page / floor, seen.statements))
        growth = seen.page / floor / cost
        goal = goal_of(name, size)
        if stock is not None and goal is not None and seen.page / stock > goal:
            self.slow.append(f"{name} at {size:,}: {seen.page / stock:.2f}")
        if growth > GOAL_GROWTH:
            self.grown.append(f"{name} at {size:,}: ×{growth:.2f}")
        if seen.statements != statements:
            self.more.append(f"{name} at {size:,}: {statements} → {seen.statements}")
        return growth

    def lines(self) -> Iterable[str]:
        for goal, beyond in (
            (
                f"ours ≤ {GOAL_STOCK} × stock admin for a page of rows, ≤ {GOAL_STOCK_MANY} at a "
                f"million, searches ≤ {GOAL_SEARCH_MANY}",
                self.slow,
            ),
            (f"last size ≤ {GOAL_GROWTH} × first", self.grown),
            ("same number of statements", self.more),
        ):
            yield f"· {MISSED if beyond else MET} {goal}: {'; '.join(beyond) or 'everywhere'}"


def measure() -> Iterable[str]:
    """In the process that has the database."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from accounts.habilitations.enums import StaffRole
    from tests.factories.habilitations import make_staff, make_user

    settings.ROOT_URLCONF = "benchmarks.stock_admin"
    settings.STAFF_SECOND_FACTOR_REQUIRED = False
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    people = {
        "reviewer": make_staff(delegations=("IDF",), user=make_user(pk=9_000_001)),
        "national": make_staff(StaffRole.NATIONAL, user=make_user(pk=9_000_002)),
        "stock": make_staff(StaffRole.NATIONAL, user=make_user(pk=9_000_003, is_superuser=True)),
    }
    clients = {}
    for name, user in people.items():
        clients[name] = Client()
        clients[name].force_login(user, backend="accounts.entry.login.backends.PasswordBackend")
    verdict = Verdict()
    for size in SIZES:
        fill(size)
        yield f"· {size:,} requests: ours, SQL, statements, × {SIZES[0]:,} · stock, ours/stock"
        asked = {
            name: ("reviewer", f"{OURS}?{ours}", stock) for name, (ours, stock) in pages().items()
        }
        for name in ("reviewer", "national"):
            asked[f"{name} home"] = (name, "/admin/", None)
        asked["national queue"] = ("national", OURS, "")
        for name, (who, address, stock) in asked.items():
            if PAGES and name not in PAGES:
                continue
            if name == "fragment" and not has_fragment_index():
                continue
            pairs = [(clients[who], address), (clients["stock"], FLOOR)]
            if stock is not None:
                pairs.append((clients["stock"], f"{STOCK}?{stock}"))
            seen, floor, *other = look(pairs)
            beside = other[0].page if other else None
            growth = verdict.judge(size, name, seen, floor.page, beside)
            said = (
                f"·   {name:14} {seen.page:7.1f} ms {seen.sql:7.1f} ms "
                f"({seen.statements:2}) ×{growth:5.2f}"
            )
            if beside is not None:
                said += f" · {beside:8.1f} ms  {seen.page / beside:5.2f}"
            yield said
    if not has_fragment_index():
        yield (
            f"· {NOT_MEASURED} a fragment inside a word: this PostgreSQL has no pg_trgm "
            "(PG_BIN names the folder of one that has)"
        )
    yield from verdict.lines()


if __name__ == "__main__":
    import django

    django.setup()
    for said in measure():
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
