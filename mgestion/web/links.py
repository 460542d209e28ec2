"""Absolute addresses, for mails."""

from django.conf import settings
from django.urls import reverse


def build_absolute_url(url_name: str, *args: object) -> str:
    """The full address of a page, from PUBLIC_URL: a client writes the Host header."""
    return make_absolute(reverse(url_name, args=args))


def make_absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
