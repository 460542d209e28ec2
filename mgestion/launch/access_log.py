"""gunicorn's logger, keys masked: `--logger-class mgestion.launch.access_log.MaskingLogger`.

It serves production as well as the embedded way to run.
"""

import logging
from datetime import timedelta
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from mgestion.web.masking import mask, mask_query


class MaskingFilter(logging.Filter):
    """For the error log: gunicorn names the address of a request that failed there."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask(record.getMessage())
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
            else mask(value)
            if isinstance(value, str)
            else value
            for name, value in atoms.items()
        }
