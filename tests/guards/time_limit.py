"""A test that hangs fails with the stacks of all threads, and the run goes on with the next one.

The limit holds for the set-up, the call and the teardown of each test. A test that cannot be
interrupted is ended with its process by `faulthandler_timeout` (pytest.ini).
"""

import contextlib
import faulthandler
import os
import signal
import tempfile
from collections.abc import Iterator
from types import FrameType

import pytest

from tests.effort import examples

SECONDS = float(os.environ.get("TEST_SECONDS", examples(300, 3000)))


def _fail(_number: int, _frame: FrameType | None) -> None:
    with tempfile.TemporaryFile("w+") as stacks:
        faulthandler.dump_traceback(stacks, all_threads=True)
        stacks.seek(0)
        # Not an Exception: no code under test takes it for one of its own.
        pytest.fail(f"The test hangs: stopped after {SECONDS:g} s.\n{stacks.read()}")


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _fail)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 30)  # and again, if what it raised was caught
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Iterator[None]:
    with _limited():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call() -> Iterator[None]:
    with _limited():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    with _limited():
        return (yield)
