"""Keeps workers alive while the broker is away (Celery 5.7, kombu 5.7)."""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport import redis

RETRY_INTERVAL = 1.0
"""Seconds between two tries to reach the broker. Celery's own interval grows to 30 s."""


class BrokerConnection(Connection):
    """Reconnects soon after the broker is back."""

    def ensure_connection(self, errback: Any = None, max_retries: Any = None, **options: Any) -> Any:  # type: ignore[override]
        interval = {"interval_start": RETRY_INTERVAL, "interval_step": 0, "interval_max": RETRY_INTERVAL}
        return super().ensure_connection(errback, max_retries, **{**interval, **options})


class BrokerAMQP(AMQP):
    Connection = BrokerConnection


class RedisDelivery(redis.QoS):
    """Messages of a lost connection are neither put back nor acknowledged: without this, either ends the worker with an
    AttributeError. The rows say what is due, and marks of lost messages are deleted.
    """

    restore_at_shutdown = False

    def ack(self, delivery_tag: str) -> None:
        if self._has_connection:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        if self._has_connection:
            super().reject(delivery_tag, requeue)

    @property
    def _has_connection(self) -> bool:
        transport = self.channel.connection
        return transport is not None and transport.client is not None


def use_resilient_redis() -> None:
    redis.Channel.QoS = RedisDelivery
