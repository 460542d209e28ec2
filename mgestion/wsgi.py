"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mgestion.settings")
application = get_wsgi_application()


def _limit_statements() -> None:
    """People wait for these processes, jobs and commands may take long."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        from mgestion.database.postgresql.base import limit_statements

        limit_statements(settings.DATABASE_STATEMENT_TIMEOUT.total_seconds())


_limit_statements()
