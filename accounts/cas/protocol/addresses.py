"""What the CAS protocol says of addresses and parameters. Pure."""

import hashlib
import re
import secrets
import string
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

_ALPHABET: Final = string.ascii_letters + string.digits
# « ST- » and 29 characters: clients must accept 32, and 64 for those of proxies (T3). 172 bits of
# chance at least.
_TICKET_RANDOM: Final = 29
_GRANTING_LENGTH: Final = 64
_TICKET: Final = re.compile(r"[SP]T-[A-Za-z0-9-]{1,253}", re.ASCII)
_NOT_SET: Final = frozenset({"", "false", "0"})


def is_flag_set(parameters: Mapping[str, str], name: str) -> bool:
    """Whether a flag is given and means yes."""
    return parameters.get(name, "").lower() not in _NOT_SET


def mint_ticket(prefix: str) -> str:
    """A new ticket, `ST-` or `PT-`: opaque, letters and digits only (T1–T5)."""
    return _generate_random(prefix, _TICKET_RANDOM)


def mint_granting_ticket() -> str:
    """A new granting ticket of a proxy."""
    return _generate_random("PGT-", _GRANTING_LENGTH - 4)


def mint_iou() -> str:
    """What tells a platform which granting ticket is meant: it says nothing of it (T5)."""
    return _generate_random("PGTIOU-", _GRANTING_LENGTH - 7)


def _generate_random(prefix: str, length: int) -> str:
    """One number from the system's source, written with our letters: each text is as likely."""
    base = len(_ALPHABET)
    number = secrets.randbelow(base**length)
    letters = []
    for _ in range(length):
        number, letter = divmod(number, base)
        letters.append(_ALPHABET[letter])
    return prefix + "".join(letters)


def looks_like_ticket(text: str) -> bool:
    """Whether `text` may be one of ours: anything else is not worth a look into the database."""
    return _TICKET.fullmatch(text) is not None


def hash_ticket(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def get_ticket_tail(ticket: str) -> str:
    """What a log may say of a ticket (T6)."""
    return ticket[-6:]


def remove_ticket(service: str) -> str:
    """`service` without any `ticket` parameter; the rest stays as it was written."""
    head, hash_mark, fragment = service.partition("#")
    base, question, query = head.partition("?")
    if question:
        pairs = query.split("&")
        kept = [pair for pair in pairs if unquote(pair.split("=", 1)[0]) != "ticket"]
        if len(kept) != len(pairs):
            head = base + (question + "&".join(kept) if kept else "")
    return head + hash_mark + fragment


def add_ticket(service: str, ticket: str) -> str:
    """Where the browser goes: the ticket after the query that was there, before the fragment."""
    head, hash_mark, fragment = remove_ticket(service).partition("#")
    joint = ("" if head.endswith(("?", "&")) else "&") if "?" in head else "?"
    return f"{head}{joint}ticket={ticket}{hash_mark}{fragment}"
