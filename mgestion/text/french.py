"""French formatting of numbers and lists. Pure functions."""

from collections.abc import Sequence


def plural_ending(number: int, ending: str = "s") -> str:
    """`ending` from two on, else "": « 0 compte », « 1 compte », « 2 comptes »."""
    return ending if abs(number) >= 2 else ""


def format_count(number: int, *words: str) -> str:
    """« 1 échéance reportée », « 12 échéances reportées »: each of `words` takes its « s »."""
    return " ".join(
        [f"{number}\u00a0{words[0]}{plural_ending(number)}", *_agree_words(number, words[1:])]
    )


def join_names(names: Sequence[str]) -> str:
    """« A », « A et B », « A, B et C »."""
    return " et ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def format_file_size(size: int) -> str:
    """`size` bytes as « 840 octets », « 12 ko » or « 3,9 Mo », rounded up.

    A « ko » is 1,024 bytes, as in the limits: a file over the limit of « 10 Mo » never shows as
    « 10 Mo ».
    """
    if size < 1024:
        return format_count(size, "octet")
    kilobytes = -(-size // 1024)
    if kilobytes < 1024:
        return f"{kilobytes}\u00a0ko"
    whole, tenth = divmod(-(-size * 10 // (1024 * 1024)), 10)
    return f"{whole},{tenth}\u00a0Mo" if tenth else f"{whole}\u00a0Mo"


def format_hours(hours: int) -> str:
    """« moins d’1 h », « 23 h », « 4 jours » from three days on."""
    if hours < 1:
        return "moins d’1\u00a0h"
    return f"{hours}\u00a0h" if hours < 72 else format_count(hours // 24, "jour")


def _agree_words(number: int, words: Sequence[str]) -> list[str]:
    return [word + plural_ending(number) for word in words]
