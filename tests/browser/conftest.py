"""One running portal for the browser tests of a process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.portal import Portal, running_portal


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    with (
        tempfile.TemporaryDirectory(prefix="mgportal-") as folder,
        running_portal(Path(folder)) as portal,
    ):
        yield portal
