"""Addresses of our own pages that take no argument: found once in a process."""

import functools

from django.urls import get_script_prefix, get_urlconf, reverse


def address(name: str) -> str:
    """`reverse(name)`."""
    return _found(name, get_urlconf(), get_script_prefix())


@functools.cache  # names are few: they stand in the code
def _found(name: str, urlconf: str | None, prefix: str) -> str:
    return reverse(name, urlconf=urlconf)
