"""What the suite does with tests that are skipped or hang."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import mutants
from tests.mutants_table import MUTANTS

SKIPPED_TEST = "import pytest\n\ndef test_server():\n    pytest.skip('no server here')\n"
SKIPPED_MODULE = "import pytest\npytest.skip('no browser here', allow_module_level=True)\n"
PASSING = "def test_fine(): pass\n"
HANGING = """
import threading
import pytest

@pytest.fixture
def never():
    yield
    threading.Event().wait()

def wait_for_nothing():
    try:
        threading.Event().wait()
    except Exception:
        pass

def test_call(): wait_for_nothing()
def test_teardown(never): pass
def test_fine(): pass
"""


def _run(
    guard: str, folder: Path, root: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", f"tests.guards.{guard}"),
            *("-p", "no:cacheprovider", str(folder)),
        ],
        cwd=root,
        # Without the installed plugins (Django's, the browsers'), which take seconds to load.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **variables},
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
    home = _run("skips", tmp_path, project_root, FORBID_SKIPS="0")
    assert home.returncode == 0, home.stdout
    assert "NOT TRIED HERE" in home.stdout
    assert "here" in home.stdout
    gate = _run("skips", tmp_path, project_root, FORBID_SKIPS="1")
    assert gate.returncode == 1, gate.stdout
    assert "a skipped test is a failed run" in gate.stdout


def test_a_test_that_hangs_fails_with_its_stack_and_the_others_go_on(
    tmp_path: Path, project_root: Path
) -> None:
    (tmp_path / "test_it.py").write_text(HANGING)
    done = _run("time_limit", tmp_path, project_root, TEST_SECONDS="0.5")
    assert "1 failed, 2 passed, 1 error" in done.stdout
    assert done.stdout.count("The test hangs: stopped after 0.5 s.") >= 2
    assert "in wait_for_nothing" in done.stdout


def test_each_fault_of_the_table_stands_in_its_file_and_names_tests_that_exist(
    project_root: Path,
) -> None:
    for mutant in MUTANTS:
        mutants.place_of(mutant, project_root)
        assert all((project_root / name).is_file() for name in mutants.tests_of(mutant)), mutant
