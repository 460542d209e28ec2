"""The pages that everybody sees, against the floor and django-allauth's stock login.

gunicorn on this machine's PostgreSQL, one worker for each application, asked in turns: a noisy
moment is noisy for all of them. BENCH_ROUNDS (60) rounds, medians. A login is by a browser
that was never seen, without its password's hash, which is measured apart.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from statistics import median
from typing import Any

from benchmarks import serving
from benchmarks.measure_cas import medians
from benchmarks.serving import PAST

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "60"))
HASHES = 9


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
    from accounts.people.models import User, created_facts
    from tests.factories.habilitations import make_access, make_establishment

    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
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
            **created_facts(now),
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


def hashing(hasher: Any) -> tuple[float, int]:
    """ms to check a password, and what it adds to the peak of memory, in MB."""
    import time

    encoded = hasher.encode(serving.PASSWORD, hasher.salt())
    spent = []
    for _ in range(HASHES):
        began = time.perf_counter()
        hasher.verify(serving.PASSWORD, encoded)
        spent.append(time.perf_counter() - began)
    return median(spent) * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def logins(site: serving.Site, path: str, name: str, first: int, domain: str) -> list[float]:
    return [site.log_in(path, name, f"p{first + turn}{domain}") for turn in range(ROUNDS)]


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
    from django.db import connection

    from accounts.passwords.hashers import PortalArgon2Hasher

    out = sys.stdout.write
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for said, hasher in (
        ("password hash, ours (argon2id)", PortalArgon2Hasher()),
        ("   Django's default (PBKDF2)", PBKDF2PasswordHasher()),
        ("   Django's Argon2", Argon2PasswordHasher()),
    ):
        spent, peak = hashing(hasher)
        out(f"· {said}: {spent:.0f} ms, {peak - before} MB (goal 60 ms, 46 MB)\n")
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
    ours.log_in("/cas/login", "username", f"p{2 * ROUNDS}@garage.example.org")
    taken = medians(
        {
            "floor": lambda: floor.get("/"),
            "login": lambda: visitor.get("/cas/login"),
            "stock": lambda: stock.get("/accounts/login/"),
            "services": lambda: ours.get("/services/"),
            "dashboard": lambda: ours.get("/m-gestion/"),
            "form": lambda: ours.get("/m-gestion/demande/"),
        },
        5 * ROUNDS,
    )
    bare = taken["floor"]
    out(f"· floor (default middlewares, one SELECT): {bare:.2f} ms\n")
    ratio = taken["login"] / taken["stock"]
    out(f"· login page, GET: {taken['login']:.2f} ms; stock {taken['stock']:.2f} ms; ")
    out(f"ours / stock {ratio:.2f} (goal 0.6)\n")
    for name, said, goal in (
        ("services", "my services", "8"),
        ("dashboard", "M-Gestion dashboard", "none set"),
        ("form", "request form", "8"),
    ):
        out(f"· {said}: {taken[name]:.2f} ms, {taken[name] / bare:.1f} x floor (goal {goal})\n")
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
        out(f"· login, POST, {said}: {mine:.2f} ms; stock {theirs:.2f} ms; ")
        out(f"ours / stock {mine / theirs:.2f} (goal 0.7)\n")
    out(f"· login, POST, ours, {PAST} past sessions / none: {spent['ours+'] / spent['ours']:.2f}\n")


if __name__ == "__main__":
    main()
