"""Gunicorn's own log in the format of all others."""

from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from marketplace.structured_logging import JSONLineFormatter


class StructuredLogger(Logger):
    """With `MESHMARKET_LOG_FORMAT=json` there is no access log, as `RequestIdMiddleware` writes a line for each request."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        if settings.LOG_FORMAT == "json":
            for handler in self.error_log.handlers:
                handler.setFormatter(JSONLineFormatter())

    def access(self, *answered: Any) -> None:
        if settings.LOG_FORMAT != "json":
            super().access(*answered)
