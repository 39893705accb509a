"""The site itself, served over HTTP within the test's process."""

import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection

from tests.database import TestDatabase


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Tests read nothing of it."""


@pytest.fixture
def live_site(committed: TestDatabase) -> Iterator[str]:
    """Its address."""
    application = get_wsgi_application()
    server = make_server("127.0.0.1", 0, application, handler_class=QuietHandler)

    def serve() -> None:
        try:
            server.serve_forever(poll_interval=0.05)
        finally:
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
