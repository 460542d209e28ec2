"""Numbers and lists as French writes them. Pure."""

from collections.abc import Sequence


def plural(number: int, ending: str = "s") -> str:
    """`ending` from two on, nothing before: « 0 compte », « 1 compte », « 2 comptes »."""
    return ending if abs(number) >= 2 else ""


def counted(number: int, *words: str) -> str:
    """« 1 échéance reportée », « 12 échéances reportées »: each of `words` takes its « s »."""
    return " ".join([f"{number}\u00a0{words[0]}{plural(number)}", *_agreed(number, words[1:])])


def enumerated(names: Sequence[str]) -> str:
    """« A », « A et B », « A, B et C »."""
    return " et ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _agreed(number: int, words: Sequence[str]) -> list[str]:
    return [word + plural(number) for word in words]
