"""The pages that everybody sees, against the floor and django-allauth's stock login.

gunicorn on this machine's PostgreSQL (`serving`), one worker for each application, asked in turns,
so that a noisy moment is noisy for all. BENCH_ROUNDS (60) rounds, medians. A login is by a browser
that was never seen, without its password's hash, which is measured apart.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from benchmarks import serving
from benchmarks.serving import PAST, medians, processor
from benchmarks.verdicts import judge, size

ROUNDS = size("BENCH_ROUNDS", 60, 5)
HASHES = 9
PERSON = f"p{2 * ROUNDS}@garage.example.org"  # who has accesses
PATHS = {"services": "/services/", "dashboard": "/m-gestion/", "form": "/m-gestion/demande/"}


def run() -> Iterable[str]:
    yield from serving.beside_servers(__name__)


def fill(count: int) -> None:
    """`count` accounts that never logged in, as many with past sessions, and one with accesses."""
    from django.contrib.auth.hashers import make_password
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.entry.models import SessionRecord
    from accounts.people.models import User, get_creation_dates
    from tests.factories.habilitations import make_access, make_establishment

    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    now, hashed = timezone.now(), make_password(serving.PASSWORD, hasher="md5")
    names = [f"p{number}@garage.example.org" for number in range(2 * count + 1)]
    people = User.objects.bulk_create(
        User(
            email=name,
            email_key=name,
            status="active",
            password=hashed,
            first_name="Claude",
            last_name="Fictif",
            **get_creation_dates(now),
        )
        for name in names
    )
    for user in people[count : 2 * count]:
        # As our own login leaves them.
        data = SessionStore().encode({"_auth_user_id": str(user.pk)})
        keys = [f"{user.pk:08d}past{number:020d}" for number in range(PAST)]
        Session.objects.bulk_create(
            Session(session_key=key, session_data=data, expire_date=now + timedelta(days=14))
            for key in keys
        )
        SessionRecord.objects.bulk_create(
            SessionRecord(user=user, session_key=key, epoch=0, started_at=now, seen_at=now)
            for key in keys
        )
    for number in range(3):
        make_access(
            user=people[-1], establishment=make_establishment(siret=f"7328293200{number:04d}")
        )


def hashing(hasher: Any) -> float:
    """ms to check a password."""
    import time

    encoded = hasher.encode(serving.PASSWORD, hasher.salt())
    spent = []
    for _ in range(HASHES):
        began = time.perf_counter()
        hasher.verify(serving.PASSWORD, encoded)
        spent.append(time.perf_counter() - began)
    return median(spent) * 1000


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
    from django.db import connection

    from accounts.passwords.hashers import PortalArgon2Hasher

    out = sys.stdout.write
    for said, stock_hasher in (
        ("Django's default (PBKDF2)", PBKDF2PasswordHasher()),
        ("Django's Argon2", Argon2PasswordHasher()),
    ):
        out(f"· password hash, {said}: {hashing(stock_hasher):.0f} ms\n")
    hasher = PortalArgon2Hasher()
    out(f"· {judge('password hash, ours (argon2id)', hashing(hasher), 60, ' ms')}\n")
    memory = judge(
        "   its memory, OWASP's least", hasher.memory_cost, 19_456, " KiB", at_least=True
    )
    out(f"· {memory}\n")
    # Rows that only the benchmark makes: hashed as its servers check them.
    settings.PASSWORD_HASHERS = serving.CHEAP
    fill(ROUNDS)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE stock")
        cursor.execute("VACUUM ANALYZE")
    env = serving.environment()
    theirs = {**env, "DJANGO_SETTINGS_MODULE": "benchmarks.stock_allauth"}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.stock_allauth", str(ROUNDS)], env=theirs, check=True
    )
    with (
        serving.served("portal", env) as ours,
        serving.served("floor", env) as floor,
        serving.served("stock", theirs) as stock,
    ):
        measure(out, ours, floor, stock)


def measure(
    out: Callable[[str], object], ours: serving.Site, floor: serving.Site, stock: serving.Site
) -> None:
    visitor = serving.Site(ours.port, 0)
    ours.log_in("/cas/login", "username", PERSON)
    taken = medians(
        {
            "floor": lambda: floor.get("/"),
            "login": lambda: visitor.get("/cas/login"),
            "stock": lambda: stock.get("/accounts/login/"),
            **{name: partial(ours.get, path) for name, path in PATHS.items()},
        },
        5 * ROUNDS,
    )
    bare = taken["floor"]
    report = [f"floor (default middlewares, one SELECT): {bare:.2f} ms"]
    seen = f"{taken['login']:.2f} ms; stock {taken['stock']:.2f} ms"
    report.append(
        judge("login page, GET, ours / stock", taken["login"] / taken["stock"], 0.9, more=seen)
    )
    for name, said in (("services", "my services"), ("form", "request form")):
        more = f"{taken[name]:.2f} ms"
        report.append(judge(f"{said}, GET, x floor", taken[name] / bare, 8, more=more))
        report.append(judge(f"{said}, statements", count_statements(PATHS[name]), 8))
    more = f"{taken['dashboard'] / bare:.1f} x floor"
    report.append(f"M-Gestion dashboard: {taken['dashboard']:.2f} ms, {more}")
    page, files = first_visit(visitor, ours)
    more = f"{page + files:.1f} ms where no proxy serves its files"
    report.append(judge("first visit, processor of the workers", page, 6, " ms", more=more))
    report.append(judge("login page, GET, statements", count_statements("/cas/login", None), 0))
    posts: dict[str, list[float]] = {name: [] for name in ("ours", "ours+", "stock", "stock+")}
    address = "@garage.example.org"
    for turn in range(ROUNDS):
        for name, who in (("", turn), ("+", ROUNDS + turn)):
            posts[f"ours{name}"].append(
                visitor.log_in("/cas/login", "username", f"p{who}{address}")
            )
            posts[f"stock{name}"].append(stock.log_in("/accounts/login/", "login", f"p{who}"))
    spent = {name: median(values) * 1000 for name, values in posts.items()}
    for name, said in (("", "no past session"), ("+", f"{PAST} past sessions")):
        mine, theirs = spent[f"ours{name}"], spent[f"stock{name}"]
        more = f"{mine:.2f} ms; stock {theirs:.2f} ms"
        report.append(judge(f"login, POST, {said}, ours / stock", mine / theirs, 0.9, more=more))
    flat = spent["ours+"] / spent["ours"]
    report.append(judge(f"login, POST, {PAST} past sessions / none", flat, 1.3))
    # Every one of them was let in (`log_in` asserts it).
    report.append(judge(f"of {2 * ROUNDS} logins from one address, refused", 0, 0))
    for line in report:
        out(f"· {line}\n")


def first_visit(visitor: serving.Site, ours: serving.Site) -> tuple[float, float]:
    """ms of the workers' processor for the login page, and for the files that it names. In
    production the proxy serves those (docs/deployment/Caddyfile; tests/environment/test_stack.py).
    """
    _, page, _ = visitor.call("/cas/login")
    files = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)))

    def measure_processor(*paths: str) -> float:
        began = processor(ours.process_id)
        for _ in range(5 * ROUNDS):  # the system counts in hundredths of a second
            for path in paths:
                visitor.get(path)
        return (processor(ours.process_id) - began) / (5 * ROUNDS) * 1000

    return measure_processor("/cas/login"), measure_processor(*files)


def count_statements(path: str, person: str | None = PERSON) -> int:
    """Statements of one GET, in this process; of a visitor for None."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.people.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    if person is not None:
        user = User.objects.get(email_key=person)
        client.force_login(user, backend="accounts.entry.login.backends.PasswordBackend")
    for _ in range(2):  # the first stamps the session
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
    return len(seen)


if __name__ == "__main__":
    main()
