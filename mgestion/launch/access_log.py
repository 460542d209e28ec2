"""gunicorn's logger with masked keys, for its error log, and for an access log if one is wanted:
`--logger-class mgestion.launch.access_log.MaskingLogger`.
"""

import logging
from datetime import timedelta
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from mgestion.web.logging.masking import mask_keys, mask_query


class MaskingFilter(logging.Filter):
    """For the error log, where gunicorn writes the URL of a failed request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask_keys(record.getMessage())
        record.args = None
        return True


class MaskingLogger(Logger):
    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        if not any(isinstance(known, MaskingFilter) for known in self.error_log.filters):
            self.error_log.addFilter(MaskingFilter())

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {
            name: mask_query(value)
            if name in ("q", "{query_string}e")
            else mask_keys(value)
            if isinstance(value, str)
            else value
            for name, value in atoms.items()
        }
