"""Sites served as docker-compose.yml serves one: two processes of gunicorn with the worker class that ships."""

import http.client
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from demo.embedded.child_process import wait_until
from tools.bench.harness.servers import Server, run_gunicorn

SMALL_SITE = "tests.marketplace.http_server.small_site:application"
READY_TEXT = "Serving with"
TIMEOUT_SECONDS = 8.0
"""Far longer than any answer takes, far shorter than what a stalled server needs."""


@contextmanager
def serve_site(application: str = SMALL_SITE, arguments: str = "", **settings: str) -> Iterator[Server]:
    """`arguments` are gunicorn's own. Temporary files go to a folder of their own, `tmp` beside the log."""
    with tempfile.TemporaryDirectory(prefix="served-tmp-") as place:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "demo.settings",
            "TMPDIR": place,
            **settings,
        }
        with run_gunicorn(application, environment, "--access-logfile", "-", *arguments.split()) as server:
            log = server.child.log
            workers = 1 if "--workers 1" in arguments else 2
            assert wait_until(lambda: log.read_text(errors="replace").count(READY_TEXT) >= workers, 60.0)
            yield server


def get_port(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def send_request(
    server: Server, path: str = "/healthz", method: str = "GET", **given: Any
) -> tuple[int, bytes]:
    """Status and body; TimeoutError when the server has no time for it."""
    connection = http.client.HTTPConnection("127.0.0.1", get_port(server), timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, path, **given)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def request_json(server: Server, path: str = "/healthz", method: str = "GET", **given: Any) -> dict[str, Any]:
    status, body = send_request(server, path, method, **given)
    assert status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def open_socket(server: Server, first: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", get_port(server)), timeout=TIMEOUT_SECONDS)
    made.sendall(first)
    return made


def read_until_closed(connection: socket.socket) -> bytes:
    """All until the server ends the connection; TimeoutError when it does not."""
    found = b""
    try:
        while part := connection.recv(65_536):
            found += part
    except ConnectionError:
        """It ended, too."""
    return found
