"""What a web process leaves behind in the temporary folder when it ends or is killed."""

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

COUNTED: Final = ("counter", "histogram")  # prometheus_client's names of the files of a process
ENDED: Final = "ended"  # in place of a process's number
UPLOAD_AGE: Final = 3600.0  # seconds: no request takes as long


def merge_counts(folder: Path, pid: int) -> None:
    """Adds the counts of an ended process to those of the others that ended, one file of each kind.
    Without it each process would leave its files, read at every scrape, for as long as the server
    runs.
    """
    for kind in COUNTED:
        left = folder / f"{kind}_{pid}.db"
        if left.exists():
            _add_file(left, folder / f"{kind}_{ENDED}.db")


def _add_file(left: Path, ended: Path) -> None:
    """The sum is made beside (a scrape reads `*.db`) and put in place at once."""
    from prometheus_client.mmap_dict import MmapedDict

    total = ended.with_suffix(".new")
    if ended.exists():
        shutil.copyfile(ended, total)
    else:
        total.unlink(missing_ok=True)
    sums: Any = MmapedDict(str(total))  # type: ignore[no-untyped-call]  # untyped there
    values: Any = MmapedDict.read_all_values_from_file(str(left))  # type: ignore[no-untyped-call]
    for key, value, moment, _ in values:
        sums.write_value(key, sums.read_value(key)[0] + value, moment)
    sums.close()
    left.unlink()
    os.replace(total, ended)


def remove_abandoned_uploads(now: float | None = None) -> int:
    """Deletes the files in which Django received uploads of processes that were killed meanwhile.
    Returns how many.
    """
    before = (time.time() if now is None else now) - UPLOAD_AGE
    removed = 0
    for path in Path(tempfile.gettempdir()).glob("tmp*.upload*"):
        with suppress(OSError):  # another server's, or gone
            if path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed
