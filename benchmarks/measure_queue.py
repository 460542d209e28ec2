"""The review queue at a thousand, a hundred thousand and a million requests.

Sizes come from BENCH_REQUESTS ("1000,100000,1000000"). Needs PostgreSQL: the measure starts one of
its own. Each figure is the best of several whole pages through Django's test client, in
milliseconds (what else the machine does only ever adds to it), and what of it the database took:
a reviewer of one délégation on our queue, a superuser on the stock admin over the same table. Open
requests fill a page at every size, so that what grows is the rest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
SIZES = [int(size) for size in os.environ.get("BENCH_REQUESTS", "1000,100000,1000000").split(",")]
ROUNDS: Final = 15
ENOUGH: Final = 6.0  # seconds spent on one page
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
# One in ten is a training organisation; closed ones are spread over three years, the oldest first.
REQUESTS = """
insert into registrations_request (id, reference, user_id, last_name, first_name, phone,
    company_name, siret, kind, department_id, branch_id, profile_id, declared_at, delegation_id,
    dga_id, dashboard, status, submitted_at, due_at, version, decided_at, granted_role,
    refusal_reason_id, decision_text, may_resubmit, email_key, name_key, signals, previous_role,
    previous_dashboard)
select md5('request' || i)::uuid,
    'MG-' || upper(substr(md5('a' || i), 1, 4)) || '-' || upper(substr(md5('b' || i), 1, 4))
        || case when i > 100000 then '-' || i else '' end,
    i, 'Fictif', 'Claude', '+331990' || lpad((i % 100000)::text, 5, '0'), 'Garage fictif ' || i,
    lpad(i::text, 9, '0') || '00017', case when i % 10 = 0 then 'of' else 'entreprise' end,
    d.code, case when i % 10 = 0 then null else b.id end,
    case when i % 10 = 0 then null else p.id end, s.at, d.delegation_id,
    case when i % 10 = 0 then f.id else b.dga_id end, 'automobile',
    case when i > {closed} then 'submitted' when i % 7 = 0 then 'refused'
        when i % 31 = 0 then 'cancelled' else 'approved' end,
    s.at, s.at + interval '48 hours', 1,
    case when i > {closed} or (i % 7 <> 0 and i % 31 = 0) then null
        else s.at + ((i % 60) || ' hours')::interval end,
    '', case when i <= {closed} and i % 7 = 0 then r.ids[1 + i % array_length(r.ids, 1)] end, '',
    true, 'claude' || i || '@garage' || i % 5000 || '.example.org',
    (array['fictif','lefevre','martin','petit','durand'])[1 + i % 5] || i % 9973 || ' claude',
    case when i % 4 = 0 then ',messagerie,' else '' end, '', ''
from generate_series({first}, {last}) i
cross join lateral (select now() - case when i > {closed} then (i % 60) * interval '1 hour'
    else interval '3 days' + ({closed} - i) * (interval '1095 days' / {closed}) end as at) s
join (select code, delegation_id, row_number() over (order by code) - 1 as n,
        count(*) over () as size from habilitations_department where delegation_id is not null) d
    on d.n = i % d.size
join (select id, dga_id, row_number() over (order by id) - 1 as n, count(*) over () as size
        from habilitations_branch) b on b.n = i % b.size
cross join (select min(id) as id from habilitations_profile) p
cross join (select id from habilitations_dga where fallback) f
cross join (select array_agg(id) as ids from registrations_refusalreason) r
"""


def run() -> Iterable[str]:
    """Starts a database, then measures in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.with_servers", sys.executable, "-m", __name__],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        # The project's own settings: the tests' shuffle rows.
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mgestion.settings",
            "MGESTION_MODE": "embedded",
            "MGESTION_TESTING": "1",
            "DATA_DIR": tempfile.mkdtemp(prefix="mgbench-"),
        },
    )
    yield from (line for line in done.stdout.splitlines() if line.startswith("·"))


def fill(size: int) -> None:
    """Empty the table and put `size` requests in it, four in five open at most, 900 at least."""
    from django.db import connection

    from accounts.models import User

    is_open = min(size * 4 // 5, max(900, size // 400))
    with connection.cursor() as cursor:
        cursor.execute("truncate registrations_request cascade")
        have = User.objects.filter(is_staff=False).count()
        if have < size:
            cursor.execute(PEOPLE.format(first=have + 1, last=size))
        cursor.execute(REQUESTS.format(first=1, last=size, closed=size - is_open))
        cursor.execute("vacuum analyze")


def pages() -> dict[str, tuple[str, str | None]]:
    """What is looked at: ours, and the stock admin's nearest equivalent."""
    from registrations.models import Request

    some = Request.objects.filter(delegation__code="IDF", status="approved").order_by("pk")[0]
    name = some.name_key.split()[0]
    return {
        "list": ("", "status__exact=submitted&o=10"),
        "all statuses": ("statut=toutes", ""),
        "refused": ("statut=refused", "status__exact=refused"),
        "overdue": ("echeance=overdue", None),
        "one DGA": ("dga=DGA-AUTO", "dga__id__exact=1"),
        "one type": ("type=of", "kind__exact=of"),
        "free": ("instructeur=personne", None),
        "signal": ("signal=messagerie", None),
        "sort, all": ("statut=toutes&o=recue", "o=10"),
        "reference": (f"q={some.reference}", f"q={some.reference}"),
        "SIRET": (f"q={some.siret}", f"q={some.siret}"),
        "e-mail": (f"q={some.email_key}", f"q={some.email_key}"),
        "phone": (f"q=0{some.phone[3:]}", f"q={some.phone}"),
        "name": (f"q={name}", f"q={name}"),
        "name prefix": ("q=lefevre1", "q=lefevre1"),
    }


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


def look(client: Any, address: str) -> tuple[float, float, int]:
    """Milliseconds of the best round, those of its statements, and how many they are."""
    from django.db import connection

    best = (float("inf"), float("inf"), 0)
    until = time.perf_counter() + ENOUGH
    for number in range(ROUNDS):
        if number > 2 and time.perf_counter() > until:
            break
        clock = Clock()
        began = time.perf_counter()
        with connection.execute_wrapper(clock):
            answer = client.get(address)
        spent = time.perf_counter() - began
        assert answer.status_code == 200, (address, answer.status_code)
        best = min(best, (spent * 1000, clock.seconds * 1000, clock.statements))
    return best


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
        clients[name].force_login(user, backend="accounts.entry.backends.PasswordBackend")
    first: dict[str, float] = {}
    for size in SIZES:
        fill(size)
        yield f"· {size:,} requests: ours, SQL, statements, × {SIZES[0]:,} · stock, ours/stock"

        def line(name: str, client: Any, address: str) -> tuple[str, float]:
            spent, sql, statements = look(client, address)
            growth = spent / first.setdefault(name, spent)
            return (
                f"·   {name:14} {spent:7.1f} ms {sql:7.1f} ms ({statements:2}) ×{growth:5.2f}",
                spent,
            )

        for name, (ours, stock) in pages().items():
            said, spent = line(name, clients["reviewer"], f"{OURS}?{ours}")
            if stock is not None:
                other, _, _ = look(clients["stock"], f"{STOCK}?{stock}")
                said += f" · {other:8.1f} ms  {spent / other:5.2f}"
            yield said
        for name in ("reviewer", "national"):
            for what, address in (("queue", OURS), ("home", "/admin/")):
                yield line(f"{name} {what}", clients[name], address)[0]


if __name__ == "__main__":
    import django

    django.setup()
    for said in measure():
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
