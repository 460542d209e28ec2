"""Counting what a page costs."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def cost(client: Client, address: str) -> int:
    """Statements of one GET that succeeds."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
