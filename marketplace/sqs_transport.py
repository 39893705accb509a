"""Kombu's transport for SQS, whose workers outlive an outage of SQS (kombu 5.7)."""

import os
from typing import Any

from kombu.asynchronous.aws.ext import exceptions
from kombu.transport import SQS

_clients: dict[tuple[object, ...], Any] = {}


class Channel(SQS.Channel):
    def new_sqs_client(self, *arguments: Any, **keywords: Any) -> Any:
        """One client for a process: creating it takes longer than a call, and a publisher connects again after each error."""
        key = (os.getpid(), *arguments, *keywords.values())
        if key not in _clients:
            _clients[key] = super().new_sqs_client(*arguments, **keywords)
        return _clients[key]

    def _on_messages_ready(self, queue: str, qname: str, messages: Any) -> int:
        """Kombu hands over an empty list after a timeout or a failure of SQS, and then expects a dictionary."""
        if not messages:
            return 0
        delivered: int = super()._on_messages_ready(queue, qname, messages)  # type: ignore[misc]
        return delivered

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        """A refused message makes Kombu forget the address of the queue, in case it was deleted."""
        try:
            super()._put(queue, message, **kwargs)
        except exceptions.ClientError:
            self._queue_cache.pop(self.canonical_queue_name(queue), None)
            raise


class Transport(SQS.Transport):
    """A publisher raises OperationalError for its `connection_errors`."""

    Channel = Channel
    connection_errors = (*SQS.Transport.connection_errors, exceptions.ClientError)
