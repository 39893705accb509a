"""HTTP for a WSGI application: one thread for each connection."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from mocklake import moto_bridge

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def make_http_server(host: str, port: int, application: Application) -> BaseWSGIServer:
    """It listens, and serves by `serve_forever`; port 0 takes a free one."""
    server = make_server(host, port, application, threaded=True, request_handler=_QuietHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    return server


class _QuietHandler(WSGIRequestHandler):
    """No line for each request: the control API's `calls` tells more."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def make_environ(self) -> dict[str, Any]:
        """With the headers that werkzeug leaves out: names of metadata may hold underscores."""
        environ = super().make_environ()
        return environ | moto_bridge.keep_underscores(self.headers.items())

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Closes at once, also when it was us who dropped the answer: the client shall not wait for it."""
        self.close_connection = True
