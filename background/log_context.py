"""The ids that every log line of the current work carries: of the request, the person, the task, the round, the call."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

LogId = str | int
_context: ContextVar[Mapping[str, LogId]] = ContextVar("log_context", default=MappingProxyType({}))


@contextmanager
def bind_log_context(**ids: LogId) -> Iterator[None]:
    """Add ids to the log lines of the block, in this thread: `bind_log_context(task="engine.converge_scope")`."""
    before = _context.set({**_context.get(), **ids})
    try:
        yield
    finally:
        _context.reset(before)


def add_to_log_context(**ids: LogId) -> None:
    """Add ids until the enclosing `bind_log_context` ends."""
    _context.set({**_context.get(), **ids})


def get_log_context() -> Mapping[str, LogId]:
    return _context.get()


def create_request_id() -> str:
    return uuid.uuid4().hex[:16]


def get_request_id() -> str:
    """The id of the current request, to be quoted by people who ask for help; a new one outside a request."""
    return str(get_log_context().get("request_id", "")) or create_request_id()
