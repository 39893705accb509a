"""Kombu's transport for SQS, with errors of AWS that do not end a worker (kombu 5.7)."""

from typing import Any

from kombu.asynchronous.aws.ext import exceptions
from kombu.exceptions import OperationalError
from kombu.transport import SQS


class Channel(SQS.Channel):
    def _on_messages_ready(self, queue: str, qname: str, messages: Any) -> int:
        """Kombu hands over an empty list after a timeout or a failure of SQS, and then expects a dictionary."""
        if not messages:
            return 0
        delivered: int = super()._on_messages_ready(queue, qname, messages)  # type: ignore[misc]
        return delivered

    def asynsqs(self, queue: str | None = None) -> Any:
        connection = super().asynsqs(queue)
        connection._for_status = _build_error  # noqa: SLF001 - Kombu raises a bare Exception
        return connection


class Transport(SQS.Transport):
    """After one of its `connection_errors`, a worker connects again, and a publisher raises OperationalError."""

    Channel = Channel
    connection_errors = (*SQS.Transport.connection_errors, exceptions.ClientError, OperationalError)


def _build_error(response: Any, body: Any) -> OperationalError:
    return OperationalError(f"SQS answered {response.status}: {body!r}")
