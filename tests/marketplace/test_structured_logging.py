"""A log line is one event with the ids of what it is about, as text or JSON."""

import io
import json
import logging
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from background.log_context import bind_log_context, get_log_context
from marketplace.structured_logging import (
    JSONLineFormatter,
    LineFormatter,
    LogContextFilter,
    build_logging_settings,
)

PASSWORD = "not for the log"


def write_lines(formatter: logging.Formatter, write: Callable[[logging.Logger], object]) -> list[str]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(LogContextFilter())
    logger = logging.getLogger("tests.events")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    write(logger)
    logger.removeHandler(handler)
    return stream.getvalue().splitlines()


def read_json(write: Callable[[logging.Logger], object]) -> dict[str, Any]:
    (line,) = write_lines(JSONLineFormatter(), write)
    found: dict[str, Any] = json.loads(line)
    return found


def test_ids_are_bound_for_a_block_and_within_another() -> None:
    with bind_log_context(task="engine.converge_scope", task_id="a1"):
        with bind_log_context(round=7, task_id="b2"):
            assert get_log_context() == {"task": "engine.converge_scope", "task_id": "b2", "round": 7}
        assert get_log_context() == {"task": "engine.converge_scope", "task_id": "a1"}
    assert get_log_context() == {}


def test_a_text_line_ends_with_the_ids() -> None:
    formatter = LineFormatter("%(levelname)s %(name)s %(message)s")
    with bind_log_context(request_id="f00d", person=12):
        lines = write_lines(formatter, lambda log: log.info("saved %s", 3))
    assert lines == ["INFO tests.events saved 3 request_id=f00d person=12"]
    assert write_lines(formatter, lambda log: log.info("saved")) == ["INFO tests.events saved"]


def test_a_json_line_has_the_ids_as_members() -> None:
    with bind_log_context(request_id="f00d", person=12):
        found = read_json(lambda log: log.warning("saved %s", "Größe\n2"))
    assert found.pop("time").endswith("+00:00")
    assert found == {"level": "WARNING", "logger": "tests.events", "message": "saved Größe\n2", "request_id": "f00d", "person": 12}  # fmt: skip


def test_a_traceback_is_a_member_of_its_line() -> None:
    def fail(log: logging.Logger) -> None:
        try:
            os.environ["NO_SUCH_VARIABLE"]
        except KeyError:
            log.exception("the task failed")

    found = read_json(fail)
    assert found["message"] == "the task failed"
    assert found["traceback"].splitlines()[-1] == "KeyError: 'NO_SUCH_VARIABLE'"


def test_what_libraries_attach_to_a_record_is_left_out() -> None:
    found = read_json(
        lambda log: log.info("received", extra={"data": {"kwargs": PASSWORD}, "request": PASSWORD})
    )
    assert PASSWORD not in str(found)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="MESHMARKET_LOG_FORMAT"):
        build_logging_settings("xml", "INFO")
