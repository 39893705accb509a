"""Gunicorn's worker that never waits for a client in a thread of the application.

Gunicorn keeps the processes: it opens the sockets, starts, watches, recycles and stops them. Waitress speaks HTTP in
each: one thread reads requests whole and writes responses, `--threads` others carry out what is whole. See ADR 45.
"""

import logging
import os
import socket
import time
from datetime import timedelta
from types import FrameType, SimpleNamespace
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from marketplace.http_server.connections import Channel, Limits
from marketplace.structured_logging import JSONLineFormatter

logger = logging.getLogger(__name__)
CHECK_INTERVAL_SECONDS = 1.0
"""Seconds between two checks for overdue connections, and between two heartbeats to gunicorn."""
STARTED_REQUEST_SECONDS = 1.0
"""How long a worker that stops waits for requests that clients have begun to send."""


class BufferingWorker(Worker):
    alive: bool

    def run(self) -> None:
        limits = Limits(**settings.SERVER_LIMITS)
        self.map: dict[int, Any] = {}
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(self.cfg.threads)
        adjustments = build_adjustments(limits, self.cfg)
        self.listeners = _create_listeners(self, limits, adjustments, map=self.map, dispatcher=threads)
        self.log.info("Serving with %s threads, pid: %s", self.cfg.threads, self.pid)
        while self.alive and self.ppid == os.getppid():
            # Serve for this many seconds, then drop overdue connections.
            until = time.monotonic() + CHECK_INTERVAL_SECONDS
            while self.alive and (left := until - time.monotonic()) > 0:
                wasyncore.loop(timeout=left, use_poll=True, map=self.map, count=1)
            self.notify()
            for listener in self.listeners:
                listener.drop_overdue(time.monotonic())
        self._drain()
        threads.shutdown(cancel_pending=True, timeout=1)

    def _drain(self) -> None:
        """Stop accepting, and finish open requests within gunicorn's graceful timeout."""
        for listener in self.listeners:
            listener.accepting = False
            self.map.pop(listener._fileno, None)  # noqa: SLF001 - waitress has no other way to stop listening alone
        began = time.monotonic()
        while (left := began + self.cfg.graceful_timeout - time.monotonic()) > 0:
            is_beginning = time.monotonic() < began + STARTED_REQUEST_SECONDS
            if not any(one.is_busy(include_started=is_beginning) for one in self.listeners):
                break
            self.notify()
            wasyncore.loop(timeout=min(left, 0.05), use_poll=True, map=self.map, count=1)
        wasyncore.close_all(self.map, ignore_all=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        for one in getattr(self, "listeners", ()):
            one.pull_trigger()

    def note_request(self, task: Any, taken: timedelta) -> None:
        """Counts it and writes the access log; called in the thread that carried it out."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
            task.channel.server.pull_trigger()
        answer = SimpleNamespace(
            status=task.status, headers=task.response_headers, sent=task.content_length or task.sent
        )
        environment = build_log_environment(task)
        asked = {
            name[5:].replace("_", "-"): text for name, text in environment.items() if name.startswith("HTTP_")
        }
        self.log.access(answer, asked, environment, taken)


def build_adjustments(limits: Limits, cfg: Any) -> Adjustments:
    """Waitress's settings. No buffer of it goes to a file: `/tmp` stays empty."""
    adjustments = Adjustments(
        threads=cfg.threads,
        backlog=cfg.backlog,
        ident=None,
        # Django reads them, as `marketplace.middleware` lets it.
        clear_untrusted_proxy_headers=False,
        max_request_header_size=limits.header_bytes,
        max_request_body_size=limits.body_bytes + 1,
        inbuf_overflow=limits.body_bytes + 64 * 1024,
        outbuf_overflow=2 * limits.unread_bytes,
        outbuf_high_watermark=limits.unread_bytes,
        connection_limit=limits.connections,
        log_socket_errors=False,
        asyncore_use_poll=True,
    )
    adjustments.socket_options = [
        *adjustments.socket_options,
        # What a client does not read lies here, where it is counted, and not in the system's own buffers.
        (socket.SOL_SOCKET, socket.SO_SNDBUF, limits.socket_buffer_bytes),
    ]
    return adjustments


def build_log_environment(task: Any) -> dict[str, Any]:
    """The environment for gunicorn's access log; partial for a malformed request."""
    request = task.request
    known = getattr(task, "environ", None) or {
        "REMOTE_ADDR": task.channel.addr[0],
        "REQUEST_METHOD": getattr(request, "command", "-"),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
    }
    return {**known, "RAW_URI": getattr(request, "request_uri", "-")}


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
        waiting = [channel for channel in self.active_channels.values() if channel.is_waiting]
        if self.limits.connections_per_address and waiting:
            newest = max(waiting, key=_get_creation_time)
            alike = [one for one in waiting if one.client_network == newest.client_network]
            self._drop_excess(alike, len(alike) - self.limits.connections_per_address)
        self._drop_excess(waiting, len(self.active_channels) - self.limits.connections)

    def drop_overdue(self, now: float) -> None:
        """Drop overdue connections, and the oldest ones while all together buffer too many bytes."""
        channels = list(self.active_channels.values())
        for channel in channels:
            if channel.is_overdue(now):
                self._drop(channel)
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
            channel.requests or channel.total_outbufs_len or (include_started and not channel.is_idle)
            for channel in self.active_channels.values()
        )

    def _drop_excess(self, channels: list[Channel], count: int) -> None:
        """Idle ones first, then those that wait longest."""
        if count > 0:
            ordered = sorted(channels, key=lambda channel: (not channel.is_idle, channel.creation_time))
            for one in ordered[:count]:
                self._drop(one)

    def _drop(self, channel: Channel) -> None:
        self.dropped_count += not channel.is_idle and not channel.linger_until
        channel.drop()


def _get_creation_time(channel: Channel) -> float:
    return float(channel.creation_time)


def _create_listeners(worker: Any, limits: Limits, adjustments: Any, **shared: Any) -> list[Listener]:
    """One for each socket that gunicorn has opened."""
    listeners = []
    for opened in worker.sockets:
        own = opened.sock
        place = (own.family, own.type, own.proto, own.getsockname())
        listeners.append(
            Listener(
                worker,
                limits,
                worker.wsgi,
                _sock=own,
                adj=adjustments,
                sockinfo=place,
                bind_socket=False,
                **shared,
            )
        )
    return listeners


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
