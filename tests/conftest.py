"""Guards that hold for the whole suite, and the servers that tests may ask for."""

import contextlib
import functools
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers
from hypothesis.internal.intervalsets import IntervalSet

from tests.effort import LONG, examples
from tests.guards import html, network
from tests.servers.browser import FLAGS, find_browser
from tests.servers.errors import ServerMissing
from tests.servers.lane_process import register_stack_dump
from tests.servers.migrated import migrated_database
from tests.servers.postgres import PLANNER_LIMITS
from tests.servers.redis import Redis
from tests.servers.redis import redis_server as start_redis

pytest_plugins = ["tests.guards.skips", "tests.guards.time_limit"]

# A busy machine is not a fault of the code, and a page through the whole stack is slow to draw.
# The gate tries the same examples of the same code: its verdict on a commit can be repeated.
# Everywhere else each run looks for new ones.
hypothesis.settings.register_profile(
    "portal",
    max_examples=examples(100, 1000),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=os.environ.get("FORBID_SKIPS") == "1",
)
hypothesis.settings.load_profile("portal")
# On a clean checkout each process would take two seconds to find out what UTF-8 can write (all but
# the surrogates), and to read all our modules for constants to try.
_UTF_8 = IntervalSet(((0, 0xD7FF), (0xE000, sys.maxunicode))), IntervalSet(())
vars(charmap).update(intervals_from_codec={"utf-8": _UTF_8}.__getitem__)
if not LONG:
    vars(providers).update(_get_local_constants=lambda: providers._local_constants)  # noqa: SLF001


# --- the run ----------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    network.install()
    register_stack_dump()
    # Celery sets Django up once more when it first reads its tasks: logs would leave `caplog`.
    second_setup = "celery.fixups.django.DjangoWorkerFixup.django_setup"
    pytest.MonkeyPatch().setattr(second_setup, lambda _self: None)


def pytest_unconfigure(config: pytest.Config) -> None:
    with contextlib.suppress(Exception):
        shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [f"database: {connection.vendor}"]


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the collector need not look at it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


@pytest.hookimpl(trylast=True)  # after -m has left out what was not asked for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only the other lane can prove is left out (not skipped): `make test` runs both."""
    if any(item.get_closest_marker("browser") for item in items):
        # Playwright keeps an event loop in this thread; the ORM then wants to be told.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    other_lane = "embedded" if connection.vendor == "postgresql" else "postgres"
    left_out = [item for item in items if item.get_closest_marker(other_lane)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(other_lane)]


# --- guards -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _foreign_html(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("foreign_html") is None:
        yield
        return
    with html.suspended():
        yield


# --- data -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """pytest-django's; and SQLite's database in memory begins with the tables of a kept file."""
    if connection.vendor == "sqlite":
        from tests.backends.sqlite3.base import DatabaseWrapper

        DatabaseWrapper.migrated = migrated_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """pytest-django's, then no test writes content types and permissions again."""
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


@pytest.fixture
def reference(db: None) -> None:
    """The reference tables: délégations, DGAs, départements, branches, profiles, platforms."""
    from tests.factories.habilitations import load_reference

    load_reference()


@pytest.fixture
def production_planner(db: None) -> None:
    """PostgreSQL looks for the best order of joins, as it does by default, in this transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name in PLANNER_LIMITS:
                cursor.execute(f"SET LOCAL {name} = 8")


@pytest.fixture
def terms(db: None) -> object:
    """The shipped terms of use, in force."""
    from accounts.legal.terms.flows import load_shipped_terms
    from tests.factories.people import NOW

    return load_shipped_terms(NOW)


@pytest.fixture(scope="session", autouse=True)
def _read_each_text_once() -> None:
    """To look through the shipped terms takes longer than most tests, and always says the same."""
    from accounts.legal.terms import flows, markup

    vars(flows).update(list_markup_faults=functools.cache(markup.list_markup_faults))


# --- the clock and the cache ------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    """allauth counts by IP in the cache of the process."""
    cache.clear()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands still at the factories' moment; tests may move it."""
    from tests.factories.people import NOW

    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def now(clock: time_machine.Traveller) -> datetime:
    """The factories' moment, where the clock stands still."""
    return datetime.now(UTC)


# --- servers ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis of this process's own, to be filled, silenced or killed. Skips loudly without one."""
    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(start_redis())
        except ServerMissing as trouble:
            pytest.skip(str(trouble))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> Iterator[dict[str, object]]:
    """pytest-playwright's browser: the one that is found here, with a home of its own."""
    try:
        browser = find_browser(may_install=False)
    except ServerMissing as trouble:
        pytest.skip(str(trouble))
    home = tempfile.mkdtemp(prefix="mgbrowser-")
    try:
        yield {
            "executable_path": str(browser.path),
            "headless": True,
            "args": list(FLAGS),
            "env": {**os.environ, "HOME": home},
        }
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, object]:
    """A French person in Paris; no service worker, no download."""
    return {"locale": "fr-FR", "timezone_id": "Europe/Paris", "accept_downloads": False}


@pytest.fixture(scope="session")
def project_root() -> Path:
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter for tests that start a process of their own."""
    return sys.executable
