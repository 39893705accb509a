"""The site on a port, in the transaction of the test: a browser sees what the test made, and nothing is committed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection
from django.test.testcases import QuietWSGIRequestHandler


class SharedConnectionServer(ThreadedWSGIServer):
    """Its threads take turns with the connection of the test, which stays open."""

    def _close_connections(self) -> None:
        """Not after a request: the connection is the test's."""


class OneByOneHandler(WSGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._turn = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        with self._turn:
            return super().__call__(environ, start_response)


@contextmanager
def serve_site() -> Iterator[str]:
    """The address of the site, without a slash at its end."""
    connection.inc_thread_sharing()
    server = SharedConnectionServer(
        ("127.0.0.1", 0), QuietWSGIRequestHandler, connections_override={"default": connection}
    )
    server.set_app(StaticFilesHandler(OneByOneHandler()))
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        connection.dec_thread_sharing()
