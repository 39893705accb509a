"""Serves pages that were rendered before, each under its policy, and the site's static files, to a browser that keeps those."""

import mimetypes
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders

KEPT = "max-age=3600"
POLICY = "Content-Security-Policy"


class PageHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: Mapping[str, bytes] = {}
    policies: Mapping[str, str] = {}

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self.path in self.pages:
            self.answer(200, self.pages[self.path], "text/html; charset=utf-8", "no-store")
        elif path.startswith("/static/") and (file := finders.find(path.removeprefix("/static/"))):
            kind = mimetypes.guess_type(str(file))[0] or "application/octet-stream"
            self.answer(200, Path(str(file)).read_bytes(), kind, KEPT)
        else:
            self.answer(204, b"", "text/plain", "no-store")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(204, b"", "text/plain", "no-store")

    def answer(self, status: int, body: bytes, kind: str, kept: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", kept)
        if policy := self.policies.get(self.path):
            self.send_header(POLICY, policy)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - Python's name
        """Nothing: the test says what is wrong."""


@contextmanager
def serve_pages(pages: Mapping[str, bytes], policies: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of the site; whatever is not in `pages` and no static file has no content. `policies` by address."""
    handler = type("Handler", (PageHandler,), {"pages": pages, "policies": policies or {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
