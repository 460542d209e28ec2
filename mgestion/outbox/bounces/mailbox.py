"""Reads the mailbox to which mails come back, over IMAP.

A message is recorded first and moved to a folder afterwards: whoever stops in between reads it
again, and a report counts once. A report that was read is removed after
RETENTION["mail_bodies"]; everything else is never deleted without a copy.
"""

import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from mgestion.outbox.bounces import flows
from mgestion.outbox.bounces.reports import parse_notification
from mgestion.outbox.models import BounceOutcome
from mgestion.settings.bounces import MailboxSettings

TIMEOUT: Final = 10.0  # seconds for one answer of the server
READ_SIZE: Final = 256 * 1024  # of a message: the reports stand before the mail that came back
MESSAGES_PER_RUN: Final = 100
SECONDS_PER_RUN: Final = 30.0
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # of RFC 3501
READ_FOLDER: Final = "Retours-lus"
OTHER_FOLDER: Final = "Retours-a-lire"  # no report about a mail of ours: for people


class MailboxError(Exception):
    """The mailbox cannot be read; nothing was lost."""


def read_mailbox(
    address: MailboxSettings,
    now_fn: Callable[[], datetime],
    *,
    limit: int = MESSAGES_PER_RUN,
    seconds: float = SECONDS_PER_RUN,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, int]:
    """Reads at most `limit` messages and begins none after `seconds`; outcome → count. Raises
    MailboxError; what was read until then is recorded.
    """
    counts: dict[str, int] = {}
    until = clock() + seconds
    with _open_mailbox(address) as server:
        folders = _make_folders(server)
        for uid in _list_messages(server)[:limit]:
            if clock() >= until:
                break
            raw = _fetch(server, uid)
            found = flows.record_reports(parse_notification(raw), raw, now_fn())
            for outcome, number in found.items():
                counts[outcome] = counts.get(outcome, 0) + number
            ours = set(found) - {BounceOutcome.UNREADABLE, BounceOutcome.UNMATCHED}
            _move(server, uid, folders[0] if ours else folders[1])
        removed = _remove_old(server, folders[0], now_fn() - settings.RETENTION["mail_bodies"])
    return {**counts, "removed": removed} if removed else counts


def _remove_old(server: imaplib.IMAP4, folder: str, before: datetime) -> int:
    """Removes what came before the day of `before`, at most MESSAGES_PER_RUN: a report holds the
    mail that came back, or its beginning, and no mail's words are kept longer than its row's.
    """
    _ask(server.select(_quote(folder)), "SELECT")
    day = f"{before.day}-{_MONTHS[before.month - 1]}-{before.year}"
    found = _find_numbers(_ask(server.uid("SEARCH", f"BEFORE {day}"), "SEARCH"))
    uids = ",".join(found[:MESSAGES_PER_RUN])
    if uids:
        _ask(server.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)"), "STORE")
        if "UIDPLUS" in server.capabilities:
            _ask(server.uid("EXPUNGE", uids), "EXPUNGE")
        else:  # the portal's own folder: nobody else marks anything there
            _ask(server.expunge(), "EXPUNGE")
    return len(found[:MESSAGES_PER_RUN])


@contextmanager
def _open_mailbox(address: MailboxSettings) -> Iterator[imaplib.IMAP4]:
    """Over TLS, with a verified certificate."""
    try:
        context = ssl.create_default_context(cafile=address.authority or None)
        server = imaplib.IMAP4_SSL(address.host, address.port, ssl_context=context, timeout=TIMEOUT)
        try:
            server.login(_quote(address.username), address.password)
            _ask(server.select(_quote(address.folder)), "SELECT")
            yield server
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
            with suppress(OSError):
                server.shutdown()  # `logout` leaves a broken connection open
    except (imaplib.IMAP4.error, OSError, ssl.SSLError, EOFError, ValueError) as trouble:
        raise MailboxError(f"{type(trouble).__name__}: {trouble}"[:200]) from trouble


def _list_messages(server: imaplib.IMAP4) -> list[str]:
    """Their unique numbers, the oldest first. « Seen » does not matter: people look too."""
    return _find_numbers(_ask(server.uid("SEARCH", "UNDELETED"), "SEARCH"))


def _find_numbers(found: list[Any]) -> list[str]:
    words = b" ".join(line for line in found if isinstance(line, bytes))
    return sorted(re.findall(r"\d+", words.decode("ascii", "replace")), key=int)


def _fetch(server: imaplib.IMAP4, uid: str) -> bytes:
    """The beginning of a message, however large it is, without marking it as seen."""
    found = _ask(server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{READ_SIZE}>)"), "FETCH")
    return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")


def _make_folders(server: imaplib.IMAP4) -> tuple[str, str]:
    """The two folders, made when missing, below the prefix that the server wants."""
    prefix = _find_prefix(server)
    names = (f"{prefix}{READ_FOLDER}", f"{prefix}{OTHER_FOLDER}")
    for name in names:
        known = _ask(server.list(pattern=_quote(name)), "LIST")
        if not any(known):
            _ask(server.create(_quote(name)), "CREATE")
    return names


def _find_prefix(server: imaplib.IMAP4) -> str:
    """« INBOX. » on servers that keep every folder below it (RFC 2342)."""
    if "NAMESPACE" not in server.capabilities:
        return ""
    with suppress(imaplib.IMAP4.error):
        _, found = server.namespace()
        own = re.match(rb'\(\("((?:[^"\\]|\\.)*)"', found[0] or b"")
        return own[1].decode("ascii", "replace") if own else ""
    return ""


def _move(server: imaplib.IMAP4, uid: str, folder: str) -> None:
    """MOVE where the server knows it (RFC 6851), else copy, mark, and remove this one alone."""
    if "MOVE" in server.capabilities:
        _ask(server.uid("MOVE", uid, _quote(folder)), "MOVE")
        return
    _ask(server.uid("COPY", uid, _quote(folder)), "COPY")
    _ask(server.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)"), "STORE")
    if "UIDPLUS" in server.capabilities:  # otherwise it stays, marked: never read again
        _ask(server.uid("EXPUNGE", uid), "EXPUNGE")


def _quote(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _ask(answer: tuple[str, list[Any]], command: str) -> list[Any]:
    status, found = answer
    if status != "OK":
        raise MailboxError(f"{command}: {status}")
    return found
