"""Limits of time and numbers of processes: nothing waits for ever for a server that is silent."""

from mgestion.settings.options import option

WEB_PROCESSES = option.count("WEB_PROCESSES", 3, 1, 64, "gunicorn's processes in one container")
WEB_THREADS = option.count(
    "WEB_THREADS", 4, 2, 64, "threads of each, and so connections to PostgreSQL"
)
DATABASE_CONNECT_TIMEOUT = option.duration(
    "DATABASE_CONNECT_TIMEOUT", "3s", "1s", "60s", "to reach PostgreSQL"
)
DATABASE_STATEMENT_TIMEOUT = option.duration(
    "DATABASE_STATEMENT_TIMEOUT", "15s", "1s", "10min", "one statement of a web process"
)
TASK_TIME_LIMIT = option.duration(
    "TASK_TIME_LIMIT", "20min", "1min", "6h", "one task of a worker; then its process is killed"
)
CLOCK_TOLERANCE = option.duration(
    "CLOCK_TOLERANCE",
    "30s",
    "1s",
    "3650d",
    "a worker whose clock is farther from PostgreSQL's does no job; NTP keeps milliseconds",
)
