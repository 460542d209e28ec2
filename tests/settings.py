"""The project's settings, with what makes tests fast and strict. DATABASE_URL and REDIS_URL count.

Each process of a parallel run gets a data folder and a Redis database of its own.
"""

import os
import tempfile
from datetime import timedelta
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ["MGESTION_MODE"] = "embedded"
os.environ["MGESTION_TESTING"] = "1"
os.environ["DATA_DIR"] = str(Path(tempfile.gettempdir()) / f"mgestion-tests-{os.getpid()}")
if os.environ.get("REDIS_URL") and _worker:
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{_worker[2:]}"

# whitenoise warns of a missing folder, and warnings are errors here.
(Path(os.environ["DATA_DIR"]) / "static").mkdir(parents=True, exist_ok=True)

from mgestion.settings import *  # noqa: E402, F403
from mgestion.settings import DATABASES, MIDDLEWARE, TEMPLATES  # noqa: E402
from tests.guards.templates import UndefinedVariable  # noqa: E402

# Rows come in a random order where no order was asked for (tests/backends).
_engine = str(DATABASES["default"]["ENGINE"]).rsplit(".", 1)[-1]
DATABASES["default"]["ENGINE"] = f"tests.backends.{_engine}"
if _worker and _engine == "sqlite3":
    # pytest-django only knows Django's own engine as one whose tests live in memory.
    DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['DATA_DIR']}/test.sqlite3"}
if os.environ.get("TEST_DATABASE_TEMPLATE"):
    # Migrated once by tests/servers/run_suite.py; each process copies it.
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ["TEST_DATABASE_TEMPLATE"]}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # threads of a test must not hold the database open

MIDDLEWARE.insert(0, "tests.guards.html.HtmlGuardMiddleware")
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable()  # type: ignore[index]

# One connection, in the thread of the test: others would not see its transaction. And no sweep ends
# early because the machine is slow. The tests of both set what they need.
OUTBOX_CONNECTIONS = 1
OUTBOX_SWEEP = 3600

# Tests choose the day; PostgreSQL's stays the present one.
CLOCK_TOLERANCE = timedelta.max

# One fast hasher: what the real one costs has a test of its own, with the project's setting.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files are found where they are written; nothing is collected for tests.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

# The administration's second factor has tests of its own (test_staff_factor.py, and the
# permission matrix); elsewhere an agent is let in as he is.
STAFF_SECOND_FACTOR_REQUIRED = False
