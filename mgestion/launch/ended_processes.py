"""What a web process leaves behind when it ends or is killed: the files of its counts."""

import os
import shutil
from pathlib import Path
from typing import Any, Final

COUNTED: Final = ("counter", "histogram")  # prometheus_client's names of the files of a process
ENDED: Final = "ended"  # in place of a process's number


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
