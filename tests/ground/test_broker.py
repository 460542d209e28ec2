"""The embedded broker hands over whole messages only."""

import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from mgestion.launch import broker


@pytest.fixture
def channel(tmp_path: Path) -> broker.Channel:
    broker.register_transport()
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "control_folder": str(tmp_path / "control"),
    }
    opened = Connection(f"{broker.SCHEME}://", transport_options=options).channel()
    assert isinstance(opened, broker.Channel)
    return opened


def test_a_reader_beside_a_writer_never_sees_half_a_message(channel: broker.Channel) -> None:
    def fill() -> None:
        for number in range(300):
            channel._put("work", {"number": number, "pad": "x" * 50_000})  # noqa: SLF001

    writer = threading.Thread(target=fill)
    writer.start()
    seen: list[int] = []
    while True:
        # Asked before the look: what was put between the two is seen by the next look.
        written = not writer.is_alive()
        try:
            seen.append(channel._get("work")["number"])  # noqa: SLF001
        except Empty:
            if written:
                break
    writer.join()
    assert sorted(seen) == list(range(300))


def test_a_message_that_cannot_be_read_is_passed_over(
    channel: broker.Channel, tmp_path: Path
) -> None:
    (tmp_path / "queue" / "1_a.work.msg").write_text("")
    with pytest.raises(Empty):
        channel._get("work")  # noqa: SLF001
    channel._put("work", {"number": 7})  # noqa: SLF001
    assert channel._get("work") == {"number": 7}  # noqa: SLF001
