"""What a person is told when a verb of `flows` says no."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from mgestion.errors import Refused


@contextmanager
def warn_of_refusal(request: HttpRequest) -> Iterator[None]:
    """A refusal ends the block, and stands as a warning on the next page."""
    try:
        yield
    except Refused as refused:
        messages.warning(request, refused.message)
