"""Log lines: one event, one line; UTC; no key of a mailed link; no forged line."""

import logging
import re
from datetime import UTC, datetime

from mgestion.database.limits import is_database_away
from mgestion.web.logging.masking import mask_keys, mask_trace

# C0 and C1 controls, line and paragraph separators, and marks that reorder what is shown.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """`text` with each character that could forge or hide a line written as an escape."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


class RefusedRequestFilter(logging.Filter):
    """A foreign Host header, too many fields: Django refuses the request and calls it an error,
    with a traceback. It is the client's, and any scanner makes some: one line, a warning.

    While the database is away each request would write the same traceback: one line, an error.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and is_database_away(record.exc_info[1]):
            record.msg = f"{record.getMessage()}: {record.exc_info[1]}"
            record.args = record.exc_info = record.exc_text = None
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True


class LineFormatter(logging.Formatter):
    """`2026-03-17T13:05:00.123Z ERROR logger [request id] message`; a traceback follows, indented.

    An indented line never begins with a time, so a message can't pass for another event.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        request_id = getattr(record, "request_id", "-")
        line = (
            f"{at.replace('+00:00', 'Z')} {record.levelname} {record.name} [{request_id}] "
            f"{one_line(mask_keys(record.getMessage()))}"
        )
        if record.exc_info:
            trace = mask_trace(self.formatException(record.exc_info))
            line += "".join(f"\n    | {one_line(part)}" for part in trace.split("\n"))
        return line
