"""Domain names of e-mail addresses, normalised as IDNA A-labels."""

from typing import Final

import idna

# Names of local networks (RFC 6761, RFC 6762, RFC 8375): a relay would reach machines of its own
# network.
_RESERVED: Final = frozenset(
    "localhost localdomain local internal intranet lan home corp arpa invalid onion".split()
)


def to_ascii(domain: str) -> str:
    """`domain` as its IDNA A-labels, in lower case (UTS 46, non-transitional): « MÜLLER。example »
    and « xn--mller-kva.example » are one. What is no domain name comes back in lower case.
    """
    if domain.isascii():
        return domain.lower().rstrip(".")
    try:
        return idna.encode(domain, uts46=True).decode("ascii").rstrip(".")
    except (idna.IDNAError, UnicodeError):
        return domain.lower()


def to_unicode(domain: str) -> str:
    """The same name as people write it: « müller.example »."""
    try:
        return idna.decode(to_ascii(domain), uts46=True)
    except (idna.IDNAError, UnicodeError):
        return domain


def is_public_name(domain: str) -> bool:
    """Whether mail may be sent there: a name with a dot, no literal address, no number, no name of
    a local network.
    """
    try:
        labels = idna.encode(domain, uts46=True).decode("ascii").rstrip(".").split(".")
    except (idna.IDNAError, UnicodeError):
        return False
    last = labels[-1]
    return len(labels) > 1 and len(last) > 1 and not last.isdigit() and last not in _RESERVED


def to_deliverable_address(address: str) -> str:
    """`address` with its domain as A-labels, for the mail server."""
    local, at, domain = address.rpartition("@")
    return f"{local}@{to_ascii(domain)}" if at else address
