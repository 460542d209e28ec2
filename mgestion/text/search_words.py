"""Words to search by: without accents, capitals or punctuation. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 40  # characters; longer words are cut
MOST_SOUGHT: Final = 4  # words of one search
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae"})
_SIGNS: Final = re.compile(r"[^0-9a-z]+")
# Stop words of company names.
_LITTLE: Final = frozenset("au aux d de des du en et l la le les".split())


def strip_accents(text: str) -> str:
    """« Lefèvre » → « Lefevre »; signs in another form of writing become the usual ones."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def split_words(text: str) -> list[str]:
    """« L’Étoile, S.A. Lefèvre-Cœur » → l, etoile, s, a, lefevre, coeur."""
    plain = strip_accents(text.casefold().translate(_LIGATURES))
    return [word[:LONGEST] for word in _SIGNS.split(plain) if word]


def meaningful_words(words: Iterable[str]) -> list[str]:
    """Without stop words and single letters, each word once, in order."""
    return list(dict.fromkeys(word for word in words if len(word) > 1 and word not in _LITTLE))


def sought_words(text: str) -> list[str]:
    """The prefixes to look up; stop words only when there is nothing else."""
    words = split_words(text)
    return (meaningful_words(words) or words)[:MOST_SOUGHT]


def strip_separators(typed: str) -> str:
    """A number as it is stored, whatever stands between its digits."""
    return re.sub(r"[\s.\u00a0\u202f]", "", typed)
