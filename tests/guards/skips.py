"""A test that was not tried is said at the end, and with FORBID_SKIPS=1 it fails the run.

The gate sets that: a machine without PostgreSQL, Redis or a browser must not look green.
"""

import os

import pytest


def _forbidden() -> bool:
    return os.environ.get("FORBID_SKIPS") == "1"


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    found: list[pytest.TestReport] = reporter.stats.get("skipped", []) if reporter else []
    return found


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Modules that skip themselves while they are collected count as well."""
    if _forbidden() and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = _skipped(config)
    if not skipped:
        return
    forbidden = _forbidden()
    terminalreporter.section("NOT TRIED HERE", red=forbidden, yellow=not forbidden)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"{report.nodeid}: {reason}")
    if forbidden:
        terminalreporter.write_line("FORBID_SKIPS=1: a skipped test is a failed run.", red=True)
