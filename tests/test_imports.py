"""Which package imports which: the contracts of pyproject.toml, read by import-linter."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_contracts_of_imports_are_kept() -> None:
    said = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout


def test_the_products_code_knows_nothing_of_its_tests() -> None:
    wrong = [
        str(path)
        for package in ("accounts", "lifecycle", "mgestion", "registrations")
        for path in (ROOT / package).rglob("*.py")
        if "import tests" in (text := path.read_text(encoding="utf-8")) or "from tests" in text
    ]
    assert not wrong, wrong
