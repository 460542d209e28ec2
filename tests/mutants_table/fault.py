"""One planted fault: what is wrong, where, the text before and after, the test files."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    what: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


def faults_of(path: str, tests: str, *faults: tuple[str, str, str]) -> list[Mutant]:
    """Faults of one file that the same test files notice: (what, old, new)."""
    return [Mutant(what, path, old, new, tuple(tests.split())) for what, old, new in faults]
