"""Pages whose status alone is asked: it is decided before they are drawn."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.template.backends.django import Template


@contextmanager
def undrawn() -> Iterator[None]:
    """Every page is empty. What the drawing of one would find is for tests that look at it."""
    with mock.patch.object(Template, "render", lambda *_, **__: ""):
        yield
