"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mgestion.settings")
application = get_wsgi_application()


def _prepare_web_process() -> None:
    """People wait for these processes, jobs and commands may take long; and these count."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        from mgestion.database.postgresql.base import limit_statements

        limit_statements(settings.DATABASE_STATEMENT_TIMEOUT.total_seconds())
    from mgestion.monitoring.counters import count_acts

    count_acts()


_prepare_web_process()
