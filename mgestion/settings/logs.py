"""Logging to the standard streams, with the request id, in UTC."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "mgestion.web.logging.request_id.RequestIdFilter"},
        "refused": {"()": "mgestion.web.logging.log_lines.RefusedRequestFilter"},
    },
    "formatters": {"line": {"()": "mgestion.web.logging.log_lines.LineFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id", "refused"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        # Frequent calls are not worth a line: runs are rows (JobRun), failures are errors.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.request": {"level": "WARNING"},  # a line for each expired call
        "fido2": {"level": "WARNING"},  # a line for each use of a key
    },
}
