"""Reports of faults to a Sentry server, where SENTRY_DSN names one. The client is imported only
then.

A report is written anew from what is known to be safe, instead of taking out what is not: the kind
of the fault and where in the code it happened, the id of the request that finds its log lines.
Nothing of the request, of the person, of local variables or of statements leaves.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from mgestion.web.logging.log_lines import one_line
from mgestion.web.logging.masking import MASK, mask_keys
from mgestion.web.logging.request_id import current_request_id

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_PLAIN: Final[tuple[str, ...]] = (
    "event_id",
    "timestamp",
    "platform",
    "level",
    "logger",
    "release",
    "environment",
)
_FRAME: Final = ("filename", "module", "function", "lineno", "context_line", "in_app")
# Addresses, then anything between quotes or parentheses, then numbers as long as a telephone's. An
# apostrophe inside a word is no quote.
_PERSONAL: Final = re.compile(
    r"[^\s<>\"'()=,;]+@[^\s<>\"'()=,;]+|\"[^\"]*\"|(?<!\w)'[^']*'|«[^»]*»|\([^)]*\)|\d[\d .-]{4,}\d"
)
MAX_WORDS: Final = 200


def start_fault_reports(dsn: str, release: str, *, transport: Any = None) -> None:
    """Sends the faults of this process to `dsn`; does nothing without one."""
    if not dsn:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment="production",
        transport=transport,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        server_name="",
        before_send=scrub_event,
    )


def scrub_event(event: "Event", hint: "Hint") -> "Event | None":
    """The report that leaves."""
    found: dict[str, Any] = dict(event)
    safe: dict[str, Any] = {name: found[name] for name in _PLAIN if name in found}
    safe["tags"] = {"request_id": current_request_id() or "none"}
    values = (found.get("exception") or {}).get("values") or []
    if values:
        safe["exception"] = {"values": [_scrub_exception(value) for value in values]}
    message = (found.get("logentry") or {}).get("message")
    if message:  # as the code writes it, without its values
        safe["logentry"] = {"message": scrub_words(str(message))}
    return safe  # type: ignore[return-value]  # a part of an event is one


def scrub_words(text: str) -> str:
    """The words of an error without what may be somebody's: a constraint's name stays, the row that
    broke it does not.
    """
    first = text.split("\n", 1)[0]
    return one_line(_PERSONAL.sub(MASK, mask_keys(first)))[:MAX_WORDS]


def _scrub_exception(value: dict[str, Any]) -> dict[str, Any]:
    frames = ((value.get("stacktrace") or {}).get("frames")) or []
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "value": scrub_words(str(value.get("value") or "")),
        "stacktrace": {"frames": [{name: frame.get(name) for name in _FRAME} for frame in frames]},
    }
