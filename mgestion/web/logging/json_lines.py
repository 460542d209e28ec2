"""Log lines as JSON objects, one an event, for what collects them."""

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from mgestion.web.logging.masking import mask_keys, mask_trace


class JsonLineFormatter(JsonFormatter):
    """`time` (UTC), `level`, `logger`, `request_id`, `message`, `trace`, and what `extra` gave.

    Keys of mailed links and tickets are masked in every text, and the values in a trace that the
    database quotes. JSON escapes what could forge a line.
    """

    def __init__(self) -> None:
        super().__init__("%(message)s", json_ensure_ascii=True, rename_fields={"exc_info": "trace"})

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["time"] = at.replace("+00:00", "Z")
        log_data["level"], log_data["logger"] = record.levelname, record.name
        super().add_fields(log_data, record, message_dict)
        log_data.pop("request", None)  # Django gives the whole request with its errors
        log_data.pop("server_time", None)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {
            name: (mask_trace if name == "trace" else mask_keys)(value)
            if isinstance(value, str)
            else value
            for name, value in log_data.items()
            if value not in (None, "")
        }
