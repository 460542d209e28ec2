"""Logging to the standard streams, with the request id, in UTC: lines for people in the embedded
mode, JSON for programs in production.
"""

from typing import Any

from mgestion.settings.options import option

LOG_FORMAT = option.choice(
    "LOG_FORMAT", "auto", ("auto", "json", "line"), "auto: json in production, line elsewhere"
)
SLOW_QUERY = option.duration(
    "SLOW_QUERY", "1s", "1s", "10min", "a statement that takes longer is logged, without its values"
)
_FORMATTERS = {
    "line": "mgestion.web.logging.log_lines.LineFormatter",
    "json": "mgestion.web.logging.json_lines.JsonLineFormatter",
}


def build_logging(*, embedded: bool) -> dict[str, Any]:
    """For `logging.config.dictConfig`."""
    chosen = LOG_FORMAT if LOG_FORMAT != "auto" else "line" if embedded else "json"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "mgestion.web.logging.request_id.RequestIdFilter"},
            "refused": {"()": "mgestion.web.logging.log_lines.RefusedRequestFilter"},
        },
        "formatters": {"chosen": {"()": _FORMATTERS[chosen]}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "chosen",
                "filters": ["request_id", "refused"],
            }
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            # What ran is said by mgestion.jobs, when it did something; failures are errors here.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.request": {"level": "WARNING"},  # a line for each expired call
            "fido2": {"level": "WARNING"},  # a line for each use of a key
        },
    }
