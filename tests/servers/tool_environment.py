"""Tools that are not installed beside the portal: each set in an environment of its own."""

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.servers.processes import ROOT


def prepare_environment(name: str) -> Path:
    """The programs of `requirements-<name>.txt`, in .venv/<name>/bin; installed when the lock or
    the place changed: programs name the place of their interpreter.
    """
    folder, lock = ROOT / ".venv" / name, ROOT / f"requirements-{name}.txt"
    stamp = folder / "installed"
    wanted = f"{folder} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    has_interpreter = (folder / "bin/python").exists()
    if not has_interpreter or not stamp.exists() or stamp.read_text() != wanted:
        sys.stderr.write(f"   installing {lock.name}…\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "-qq"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        stamp.write_text(wanted)
    return folder / "bin"
