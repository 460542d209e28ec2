"""A skipped test passes at home, loudly, and fails the gate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPED_TEST = "import pytest\n\ndef test_server():\n    pytest.skip('no server here')\n"
SKIPPED_MODULE = "import pytest\npytest.skip('no browser here', allow_module_level=True)\n"
PASSING = "def test_fine(): pass\n"


def _run(folder: Path, root: Path, forbid: str) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.guards.skips"),
            *("-p", "no:cacheprovider", str(folder)),
        ],
        cwd=root,
        # Without the installed plugins (Django's, the browsers'), which take seconds to load.
        env={**os.environ, "FORBID_SKIPS": forbid, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", [SKIPPED_TEST, SKIPPED_MODULE])
def test_a_skip_is_loud_and_the_gate_forbids_it(
    tmp_path: Path, project_root: Path, source: str
) -> None:
    (tmp_path / "test_it.py").write_text(source)
    (tmp_path / "test_fine.py").write_text(PASSING)
    home = _run(tmp_path, project_root, "0")
    assert home.returncode == 0, home.stdout
    assert "NOT TRIED HERE" in home.stdout
    assert "here" in home.stdout
    gate = _run(tmp_path, project_root, "1")
    assert gate.returncode == 1, gate.stdout
    assert "a skipped test is a failed run" in gate.stdout


def test_a_run_without_skips_passes_the_gate(tmp_path: Path, project_root: Path) -> None:
    (tmp_path / "test_fine.py").write_text(PASSING)
    done = _run(tmp_path, project_root, "1")
    assert done.returncode == 0, done.stdout
    assert "NOT TRIED" not in done.stdout
