"""The log: one line for each event, as text or JSON, with the ids of `background.log_context`."""

import logging
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pythonjsonlogger.json import JsonFormatter

from background.log_context import get_log_context

FORMATS = ("line", "json")
JSON_FIELDS = {"levelname": "level", "name": "logger", "exc_info": "traceback"}
"""Members of a JSON line by the record's attributes."""
KEPT_MEMBERS = frozenset({"time", "message", "stack_info", *JSON_FIELDS.values()})
"""Everything else that a library attaches to a record is left out: it may hold whole requests and arguments."""


class LogContextFilter(logging.Filter):
    """Gives each record the ids of the current work. Django logs refused requests after its middleware has ended."""

    def filter(self, record: logging.LogRecord) -> bool:
        request_id = getattr(getattr(record, "request", None), "request_id", "")
        record.ids = {**({"request_id": request_id} if request_id else {}), **get_log_context()}
        return True


class LineFormatter(logging.Formatter):
    """Time, level, logger and message, then ids: `… request_id=5f0c person=12`."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging names it
        ids: dict[str, object] = getattr(record, "ids", {})
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in ids.items())])


class JSONLineFormatter(JsonFormatter):
    """A JSON object on one line. Ids are members of it."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields=JSON_FIELDS,
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        ids: dict[str, Any] = log_data.get("ids", {})
        return {name: value for name, value in log_data.items() if name in KEPT_MEMBERS} | ids


def build_logging_settings(log_format: str, level: str) -> dict[str, Any]:
    """`LOGGING` of the settings."""
    if log_format not in FORMATS:
        raise ImproperlyConfigured(f"MESHMARKET_LOG_FORMAT is line or json, not {log_format!r}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": LogContextFilter}},
        "formatters": {
            "line": {"()": LineFormatter, "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": JSONLineFormatter},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": log_format, "filters": ["context"]}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "botocore": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},  # a second line for each task
            "sqlglot": {"level": "ERROR"},  # its warnings hold the text of queries
            "waitress": {"level": "WARNING"},
            "waitress.queue": {"level": "ERROR"},  # a line for each request that waits for a thread
        },
    }
