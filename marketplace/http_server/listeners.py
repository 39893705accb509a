"""Accept connections, enforce their limits, and drop those that take too long."""

import logging
from typing import Any

from waitress.server import TcpWSGIServer

from marketplace.http_server.connections import Channel
from marketplace.http_server.limits import Limits

logger = logging.getLogger(__name__)


class Listener(TcpWSGIServer):
    """On one socket of `worker`, a `BufferingWorker`."""

    channel_class = Channel

    def __init__(self, worker: Any, limits: Limits, *arguments: Any, **options: Any) -> None:
        self.worker, self.limits = worker, limits
        self.dropped_count = 0
        super().__init__(*arguments, **options)

    def readable(self) -> bool:
        """Always while it listens: what is too many ends when the next one comes."""
        return bool(self.accepting)

    def handle_accept(self) -> None:
        super().handle_accept()
        waiting = [one for one in self.active_channels.values() if one.is_waiting]
        if self.limits.connections_per_address and waiting:
            newest = max(waiting, key=_get_creation_time)
            alike = [one for one in waiting if one.client_network == newest.client_network]
            self._drop_excess(alike, len(alike) - self.limits.connections_per_address)
        self._drop_excess(waiting, len(self.active_channels) - self.limits.connections)

    def drop_overdue(self, now: float) -> None:
        """Drop overdue connections, and the oldest ones while all together buffer too many bytes."""
        channels = list(self.active_channels.values())
        for one in channels:
            if one.is_overdue(now):
                self._drop(one)
        held = sum(one.buffered_bytes for one in channels if one.connected)
        for one in sorted(
            (one for one in channels if one.connected and one.buffered_bytes), key=_get_creation_time
        ):
            if held <= self.limits.buffered_bytes:
                break
            held -= one.buffered_bytes
            self._drop(one)
        if self.dropped_count:
            logger.warning("ended %s connections whose clients were too slow or too many", self.dropped_count)
            self.dropped_count = 0

    def is_busy(self, *, include_started: bool) -> bool:
        """Whether a request is being served; with `include_started`, also one that has begun to arrive."""
        return any(
            one.requests or one.total_outbufs_len or (include_started and not one.is_idle)
            for one in self.active_channels.values()
        )

    def _drop_excess(self, channels: list[Channel], count: int) -> None:
        """Idle ones first, then those that wait longest."""
        if count > 0:
            ordered = sorted(channels, key=lambda one: (not one.is_idle, one.creation_time))
            for one in ordered[:count]:
                self._drop(one)

    def _drop(self, channel: Channel) -> None:
        self.dropped_count += not channel.is_idle and not channel.linger_until
        channel.drop()


def _get_creation_time(channel: Channel) -> float:
    return float(channel.creation_time)


def create_listeners(worker: Any, limits: Limits, adjustments: Any, **shared: Any) -> list[Listener]:
    """One for each socket that gunicorn has opened."""
    found = []
    for opened in worker.sockets:
        own = opened.sock
        place = (own.family, own.type, own.proto, own.getsockname())
        found.append(
            Listener(
                worker, limits, worker.wsgi, _sock=own, adj=adjustments, sockinfo=place, bind_socket=False,
                **shared,
            )
        )  # fmt: skip
    return found
