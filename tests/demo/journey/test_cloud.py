"""The verdict's clients retry what AWS asks to retry, and nothing else."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.journey import cloud
from demo.journey.cloud import Cloud, Credentials

BUSY = ("ConcurrentModificationException", 400)
SLOWER = ("ThrottledException", 400)
KEYS = Credentials("key", "secret", None)


class Answering(ThreadingHTTPServer):
    """Lake Formation that refuses with each of `refusals` in turn, then succeeds."""

    def __init__(self, refusals: list[tuple[str, int]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.refusals, self.calls = refusals, 0


class Handler(BaseHTTPRequestHandler):
    server: Answering

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1
        code, status = self.server.refusals.pop(0) if self.server.refusals else ("", 200)
        body = json.dumps(
            {"__type": code, "message": "Please retry in a short while."} if code else {}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if code:
            self.send_header("x-amzn-errortype", code)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[Answering]:
    with Answering([]) as answering:
        threading.Thread(target=answering.serve_forever, args=(0.01,), daemon=True).start()
        yield answering
        answering.shutdown()


def revoke(server: Answering) -> None:
    Cloud(server.server_address[1], Path()).client("lakeformation", KEYS).revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": "arn:aws:iam::310000000001:role/bi"},
        Resource={"Table": {"DatabaseName": "gold", "Name": "lives"}},
        Permissions=["SELECT"],
    )


def test_a_change_that_overlapped_with_another_is_made_again(
    server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "RETRY_PAUSES", (0.0,) * 5)
    server.refusals += [BUSY, SLOWER, BUSY]
    revoke(server)
    assert server.calls == 4


def test_a_change_that_never_succeeds_is_told(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "RETRY_PAUSES", (0.0,) * 2)
    server.refusals += [BUSY] * 9
    with pytest.raises(ClientError, match="ConcurrentModificationException"):
        revoke(server)
    assert server.calls == 3


def test_a_refusal_is_no_reason_to_try_again(server: Answering) -> None:
    server.refusals += [("AccessDeniedException", 400)]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        revoke(server)
    assert server.calls == 1
