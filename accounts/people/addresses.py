"""E-mail addresses as text: pure functions, no database, no clock."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from disposable_email_domains import blocklist

from accounts.people.generic_words import FILLER_WORDS, KNOWN_DOMAINS, ROLE_WORDS, SURNAMES
from mgestion.text.domains import is_public_name, to_ascii, to_unicode
from mgestion.text.search_words import strip_accents


def clean_address(address: str) -> str:
    """`address` without what people paste by accident: outer space, invisible characters."""
    kept = "".join(char for char in address if unicodedata.category(char) not in ("Cf", "Cc"))
    return kept.strip()


_WRAPPED = re.compile(r"(?:[^<>]*<|mailto:)?([^<>]*)>?", re.IGNORECASE)


def unwrap_address(address: str) -> str:
    """`address` without what a mail program or a page copies around it: « Jean Dupont <…> »,
    « mailto:… ».
    """
    found = _WRAPPED.fullmatch(clean_address(address))
    return found[1].strip() if found else address


def find_address_fault(address: str) -> str:
    """What is wrong with an address that a field refused, and how to mend it; "" where nothing
    obvious is (in French, for the person).
    """
    local, at, domain = clean_address(address).rpartition("@")
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
    if domain.startswith("[") or not any(char.isalpha() for char in domain.rpartition(".")[2]):
        return "Écrivez le nom du domaine, pas une adresse de machine."
    return ""


def fold_address(address: str) -> str:
    """The key under which a mailbox is one: no invisible character, the local part in
    lower case, the domain as its IDNA A-labels.

    A local part that is not ASCII stays as it is: no form accepts it, and « ſylvie » must not be
    the key of « sylvie ». Text without « @ », as searches type it, is taken as a local part.
    """
    local, at, domain = clean_address(address).rpartition("@")
    if not at:
        return _fold_local_part(domain)
    return f"{_fold_local_part(local)}@{fold_domain(domain)}"


def fold_domain(domain: str) -> str:
    return to_ascii(clean_address(domain))


def _fold_local_part(local: str) -> str:
    return local.lower() if local.isascii() else local


def list_older_folds(address: str) -> list[str]:
    """The keys that `address` had before domains were A-labels, other than today's: hashes of them
    cannot be made anew.
    """
    typed = clean_address(address)
    local, at, domain = typed.rpartition("@")
    forms = (typed, f"{local}{at}{to_unicode(domain)}")
    older = {unicodedata.normalize("NFKC", form).strip().casefold() for form in forms}
    return sorted(older - {fold_address(address)})


def fold_mailbox(address: str) -> str:
    """The key of the mailbox behind `address`: without the « +tag » that mail servers let people
    add.
    """
    local, at, domain = fold_address(address).rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


# In what an account has for key while another account has the key of its mailbox: staff see it
# (docs/operations.md). No key of an address holds a space.
DOUBLE: Final = " en double "


def is_public_mailbox(address: str) -> bool:
    """Whether mail can be sent to `address` on the open Internet, and under one key: an ASCII local
    part without quotes, a domain with a dot.
    """
    local, _, domain = address.rpartition("@")
    return local.isascii() and not local.startswith('"') and is_public_name(domain)


@dataclass(frozen=True)
class NominativeVerdict:
    """Whether an address names one person. `flagged`: a listed word stands in it; staff are
    told."""

    accepted: bool
    flagged: bool = False


_SEPARATORS = re.compile(r"[._-]+")


def is_allowed(address: str, patterns: Collection[str]) -> bool:
    """Whether staff let `address` through: itself, or its domain as « @domain »."""
    key = fold_address(address)
    domain = key.rpartition("@")[2]
    return any(fold_address(pattern) in (key, f"@{domain}") for pattern in patterns)


def check_nominative(address: str, allowed: Collection[str] = ()) -> NominativeVerdict:
    """The rule of S61–S64 on the local part: refused only where every word is listed, a number or a
    place.

    `allowed`: patterns that staff let through, an address or « @domain ».
    """
    if is_allowed(address, allowed):
        return NominativeVerdict(accepted=True)
    local = strip_accents(fold_address(address).rpartition("@")[0]).casefold().partition("+")[0]
    whole = _SEPARATORS.sub("", local).rstrip("0123456789")
    if whole in ROLE_WORDS:
        return NominativeVerdict(accepted=False)
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
        return NominativeVerdict(accepted=False)
    return NominativeVerdict(accepted=True, flagged=any(listed))


def is_disposable(address: str) -> bool:
    """Whether the domain, or its parent, hands out throw-away mailboxes (offline list, D13)."""
    labels = fold_address(address).rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def suggest_domain(address: str) -> str:
    """The address that was probably meant, "" when nothing is obvious: one typing slip from a known
    domain.

    A slip is one letter more, less or other, or two neighbours swapped. In a name of four letters
    or fewer only a swap counts: too many honest domains are one letter away from « free.fr ».
    """
    local, at, domain = clean_address(address).rpartition("@")
    folded = fold_domain(domain)
    if not at or not local or folded in KNOWN_DOMAINS:
        return ""
    for known in KNOWN_DOMAINS:
        short = len(known.partition(".")[0]) <= 4
        if _is_swapped(folded, known) or (not short and _is_one_edit(folded, known)):
            return f"{local}@{known}"
    return ""


def _is_one_edit(a: str, b: str) -> bool:
    """Whether one letter added, removed or replaced makes `a` of `b`."""
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _is_swapped(a: str, b: str) -> bool:
    """Whether exchanging two neighbours makes `a` of `b`."""
    return a != b and any(a[:i] + a[i + 1] + a[i] + a[i + 2 :] == b for i in range(len(a) - 1))
