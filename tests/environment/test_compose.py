"""docker-compose.yml hands on what the settings read, and its defaults let the portal start."""

from __future__ import annotations

import re
from pathlib import Path

from mgestion.settings import env
from tests.environment.test_env import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
OF_THE_IMAGE = {"DATA_DIR", "STATIC_DIR"}  # set in the Dockerfile
NOT_OF_PRODUCTION = {"PORT", "MGESTION_TESTING"}


def _read_by_the_settings() -> set[str]:
    source = (ROOT / "mgestion/settings/env.py").read_text(encoding="utf-8")
    return set(re.findall(r'(?:env\.\w+\(|_read_path\(env, )"([A-Z_]+)"', source))


def _handed_on() -> dict[str, str]:
    """Name → value as written, of the portal's own services."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    block = text.split("environment: &environment\n", 1)[1].split("  depends_on:", 1)[0]
    return dict(re.findall(r"^    ([A-Z_]+): (.+)$", block, re.MULTILINE))


def test_compose_hands_on_every_variable_of_production() -> None:
    wanted = _read_by_the_settings() - OF_THE_IMAGE - NOT_OF_PRODUCTION
    assert {"LIFECYCLE_ENABLED", "METRICS_TOKEN", "ERASURE_LIST"} <= wanted
    assert set(_handed_on()) == wanted


def test_what_the_operators_leave_out_of_env_is_a_value_that_works() -> None:
    defaults = {
        name: match[1]
        for name, value in _handed_on().items()
        if (match := re.fullmatch(r"\$\{[A-Z_]+:-(.*)\}", value))
    }
    found = env.read_environment({**PRODUCTION, **defaults}, ROOT)
    assert found.lifecycle_enabled
    assert found.erasure_list == Path("/srv/data/erasures.jsonl")
    assert (found.metrics_token, found.company_directory, found.measurement_cookies) == ("", "", {})


def test_the_operations_page_names_every_variable() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert _read_by_the_settings() - NOT_OF_PRODUCTION <= table
