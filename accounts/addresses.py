"""E-mail addresses as text: pure functions, no database, no clock."""

import unicodedata


def clean(address: str) -> str:
    """`address` without what people paste by accident: outer space and invisible characters (D15)."""
    kept = "".join(char for char in address if unicodedata.category(char) not in ("Cf", "Cc"))
    return kept.strip()


def fold(address: str) -> str:
    """The key under which an address is unique: NFKC, invisible characters removed, case-folded (D15, D58).

    Never a place to send mail to.
    """
    return unicodedata.normalize("NFKC", clean(address)).strip().casefold()
