"""E-mail addresses as text: pure functions, no database, no clock."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from disposable_email_domains import blocklist

from accounts.generic_words import FILLER_WORDS, KNOWN_DOMAINS, ROLE_WORDS, SURNAMES


def clean(address: str) -> str:
    """`address` without what people paste by accident: outer space, invisible characters (D15)."""
    kept = "".join(char for char in address if unicodedata.category(char) not in ("Cf", "Cc"))
    return kept.strip()


_WRAPPED = re.compile(r"(?:[^<>]*<|mailto:)?([^<>]*)>?", re.IGNORECASE)


def unwrap(address: str) -> str:
    """`address` without what a mail program or a page copies around it: « Jean Dupont <…> »,
    « mailto:… ».
    """
    found = _WRAPPED.fullmatch(clean(address))
    return found[1].strip() if found else address


def slip(address: str) -> str:
    """What is wrong with an address that a field refused, and how to mend it; "" where nothing
    obvious is (in French, for the person).
    """
    local, at, domain = clean(address).rpartition("@")
    if not at:
        return "Il manque le signe @."
    if "@" in local:
        return "Le signe @ ne doit figurer qu’une fois."
    if not local or not domain:
        return "Il manque ce qui " + ("précède" if not local else "suit") + " le signe @."
    if any(char.isspace() for char in address.strip()):
        return "Retirez les espaces."
    wrong = next((char for char in address if char in ',;:/\\()<>[]"«»'), "")
    if wrong:
        return f"Retirez ou remplacez le signe «\u00a0{wrong}\u00a0»."
    if not local.isascii():
        return "Écrivez sans accent ce qui précède le signe @."
    if "." not in domain:
        return "Il manque la fin, par exemple .fr ou .com."
    if "" in f"{local}@{domain}".replace("@", ".").split("."):
        return "Un point y est de trop."
    return ""


def fold(address: str) -> str:
    """The key under which an address is unique: NFKC, no invisible character, case-folded (D15,
    D58).

    Never a place to send mail to.
    """
    return unicodedata.normalize("NFKC", clean(address)).strip().casefold()


@dataclass(frozen=True)
class Verdict:
    """Whether an address names one person. `flagged`: a listed word stands in it; staff are told
    (S62).
    """

    accepted: bool
    flagged: bool = False


_SEPARATORS = re.compile(r"[._-]+")


def is_allowed(address: str, patterns: Collection[str]) -> bool:
    """Whether staff let `address` through: itself, or its domain as « @domain » (D13)."""
    key = fold(address)
    domain = key.rpartition("@")[2]
    return any(fold(pattern) in (key, f"@{domain}") for pattern in patterns)


def nominative(address: str, allowed: Collection[str] = ()) -> Verdict:
    """The rule of S61–S64 on the local part: refused only where every word is listed, a number or a
    place.

    `allowed`: patterns that staff let through, an address or « @domain » (D13).
    """
    if is_allowed(address, allowed):
        return Verdict(accepted=True)
    local = _unaccented(fold(address).rpartition("@")[0]).partition("+")[0]
    whole = _SEPARATORS.sub("", local).rstrip("0123456789")
    if whole in ROLE_WORDS:
        return Verdict(accepted=False)
    # « compta2 » names the same desk as « compta ».
    tokens = [token.rstrip("0123456789") for token in _SEPARATORS.split(local) if token]
    words = [token for token in tokens if token]
    listed = [word in ROLE_WORDS for word in words]
    if (
        words
        and listed[0]
        and words[0] not in SURNAMES
        and tokens[0]
        and all(
            is_listed or word in FILLER_WORDS for word, is_listed in zip(words, listed, strict=True)
        )
    ):
        return Verdict(accepted=False)
    return Verdict(accepted=True, flagged=any(listed))


def is_disposable(address: str) -> bool:
    """Whether the domain, or its parent, hands out throw-away mailboxes (offline list, D13)."""
    labels = fold(address).rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def suggest_domain(address: str) -> str:
    """The address that was probably meant, "" when nothing is obvious: one typing slip from a known
    domain.

    A slip is one letter more, less or other, or two neighbours swapped. In a name of four letters
    or fewer only a swap counts: too many honest domains are one letter away from « free.fr ».
    """
    local, at, domain = clean(address).rpartition("@")
    folded = fold(domain)
    if not at or not local or folded in KNOWN_DOMAINS:
        return ""
    for known in KNOWN_DOMAINS:
        short = len(known.partition(".")[0]) <= 4
        if _swapped(folded, known) or (not short and _one_edit(folded, known)):
            return f"{local}@{known}"
    return ""


def _one_edit(a: str, b: str) -> bool:
    """Whether one letter added, removed or replaced makes `a` of `b`."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1 or a == b:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    return a[start + (len(a) == len(b)) :] == b[start + 1 :]


def _swapped(a: str, b: str) -> bool:
    """Whether exchanging two neighbours makes `a` of `b`."""
    if len(a) != len(b):
        return False
    apart = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and a[apart[0]] == b[apart[1]]
        and a[apart[1]] == b[apart[0]]
    )


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))
