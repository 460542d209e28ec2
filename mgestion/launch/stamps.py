"""Fingerprints of the preparation steps: a step runs again only when its inputs change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path


def compute_fingerprint(root: Path, patterns: Iterable[str], *, also: Iterable[str] = ()) -> str:
    """A digest of the names and contents of matching files under `root`, and of `also`."""
    digest = hashlib.sha256()
    files = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    for path in sorted(files):
        digest.update(str(path.relative_to(root)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for word in also:
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()


class Stamps:
    """The fingerprints of the last successful run of each step, in a small JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = _read_stamps(path)

    def is_done(self, step: str, mark: str) -> bool:
        return self._known.get(step) == mark

    def done(self, step: str, mark: str) -> None:
        """Written at once, so that a later failure does not repeat this step."""
        self._known[step] = mark
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self._known, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(self.path)

    def forget(self, *steps: str) -> None:
        for step in steps:
            self._known.pop(step, None)


def _read_stamps(path: Path) -> dict[str, str]:
    """Empty for an unreadable file: the steps are idempotent."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, Mapping):
        return {}
    return {str(step): str(mark) for step, mark in known.items()}
