"""The parts of `make run`: the port, the stamps, the data folder, the child processes."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from threading import Timer

import pytest

from mgestion.launch import prepare
from mgestion.launch.children import Child, Children
from mgestion.launch.ports import check_free, choose_platform_port, parse_port
from mgestion.launch.stamps import Stamps
from mgestion.launch.trouble import LaunchError
from tests.servers.processes import ChildProcess, wait_until

# --- port -------------------------------------------------------------------------------------


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_busy_port_is_said_with_another_to_try(busy_port: int) -> None:
    with pytest.raises(LaunchError, match=f"Port {busy_port} is already in use.*make run PORT="):
        check_free(busy_port)


def test_the_second_platform_takes_the_next_free_port(busy_port: int) -> None:
    chosen = choose_platform_port(busy_port - 1)
    assert chosen not in (busy_port - 1, busy_port)
    check_free(chosen)
    assert choose_platform_port(65535) < 65535


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80 00", "８０００", "8e3"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(LaunchError, match="is not a port"):
        parse_port(text)


# --- stamps -----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_damaged_stamps_mean_that_nothing_is_known(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stamps.json"
    path.write_text(content)
    assert not Stamps(path).is_done("database", "m1")


# --- preparation ------------------------------------------------------------------------------


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What `manage.py` would have been asked, without doing it."""
    asked: list[str] = []

    def manage(_root: Path, _environment: object, *words: str) -> CompletedProcess[str]:
        asked.append(words[0])
        return CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(prepare, "run_manage_command", manage)
    return asked


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("accounts/migrations/0001.py", "static/css/a.css", "mgestion/slots.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


DEMO = ["load_demo", "register_demo_platform"]


def _prepare(tree: Path, asked: list[str], **environment: str) -> list[str]:
    """The commands of one start; leaves behind what the real ones would."""
    asked.clear()
    data = tree / "data"
    prepare.make_folders(data)
    prepare.prepare_data(tree, data, environment, lambda _words: None)
    (data / "portal.sqlite3").touch()
    (data / "static" / "staticfiles.json").touch()
    return list(asked)


def test_a_second_start_skips_what_did_not_change(tree: Path, commands: list[str]) -> None:
    everything = ["migrate", "load_reference", *DEMO, "collectstatic"]
    assert _prepare(tree, commands) == everything
    assert _prepare(tree, commands) == []


def test_only_what_changed_is_done_again(tree: Path, commands: list[str]) -> None:
    _prepare(tree, commands)
    (tree / "static/css/a.css").write_text("changed")
    assert _prepare(tree, commands) == ["collectstatic"]
    (tree / "accounts/migrations/0002.py").write_text("new")
    assert _prepare(tree, commands) == ["migrate", "load_reference", *DEMO]
    (tree / "accounts/demo.py").write_text("more people")
    assert _prepare(tree, commands) == DEMO
    assert _prepare(tree, commands, DEMO_PLATFORM_PORT="9001") == ["register_demo_platform"]


def test_a_database_that_is_gone_is_made_again(tree: Path, commands: list[str]) -> None:
    _prepare(tree, commands)
    (tree / "data/portal.sqlite3").unlink()
    assert _prepare(tree, commands) == ["migrate", "load_reference", *DEMO]


def test_a_step_that_fails_is_said_and_tried_again(
    tree: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = prepare.run_manage_command

    def bad(root: Path, environment: dict[str, str], *words: str) -> CompletedProcess[str]:
        if words[0] == "load_reference":
            return CompletedProcess(words, 1, "", "the table is torn")
        return good(root, environment, *words)

    monkeypatch.setattr(prepare, "run_manage_command", bad)
    with pytest.raises(
        LaunchError, match="Loading the reference tables failed:\nthe table is torn"
    ):
        _prepare(tree, commands)
    (tree / "data/portal.sqlite3").touch()
    monkeypatch.setattr(prepare, "run_manage_command", good)
    assert _prepare(tree, commands) == ["load_reference", *DEMO, "collectstatic"]


def test_a_data_folder_of_another_user_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(LaunchError, match="belongs to .* and you are"):
        prepare.make_folders(tmp_path)


def test_the_data_folder_is_closed_to_others(tmp_path: Path) -> None:
    prepare.make_folders(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


# --- children ---------------------------------------------------------------------------------

STUBBORN = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True)\n"
    "time.sleep(60)\n"
)


def _wait_for_word(child: Child) -> str:
    wait_until(lambda: "\n" in child.log.read_text(), ChildProcess(child.process, child.log))
    return child.log.read_text().strip()


def _is_gone(process_id: int) -> bool:
    """Ended; perhaps its parent has not asked for its status yet."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rsplit(")", 1)[1].split()[0] == "Z"


def test_a_child_that_will_not_stop_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mgestion.launch.children.STOP_SECONDS", 0.2)
    with Children(os.environ, tmp_path, tmp_path) as children:
        child = children.start("stubborn", [sys.executable, "-c", STUBBORN])
        _wait_for_word(child)
    assert _is_gone(child.process.pid)


PARENT = (
    "import signal, subprocess, sys\n"
    "child = subprocess.Popen(['sleep', '60'])\n"
    "print(child.pid, flush=True)\n"
    "signal.pause()\n"
)


def test_the_end_of_what_a_child_started_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was killed ends when the system finds the time."""
    kill = os.killpg

    def kill_late(group: int, number: int) -> None:
        if number == signal.SIGKILL:
            Timer(0.3, kill, (group, number)).start()
        else:
            kill(group, number)

    monkeypatch.setattr(os, "killpg", kill_late)
    with Children(os.environ, tmp_path, tmp_path) as children:
        orphan = int(_wait_for_word(children.start("parent", [sys.executable, "-c", PARENT])))
    assert _is_gone(orphan)
