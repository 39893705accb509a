"""Bodies are taken whole and in memory, and none beyond the limit; the refusal is the site's own."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.marketplace.http_server.served_sites import (
    open_socket,
    read_until_closed,
    request_json,
    send_request,
    serve_site,
)
from tools.bench.harness.servers import Server

LIMIT = 1_048_576
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    """Meshmarket itself. No database: what is refused here asks none."""
    with serve_site(
        "marketplace.wsgi:application", DATABASE_URL="postgres://nobody@127.0.0.1:1/none"
    ) as server:
        yield server


@pytest.fixture(scope="module")
def small() -> Iterator[Server]:
    with serve_site() as server:
        yield server


def test_a_body_in_chunks_comes_whole_with_its_length(small: Server) -> None:
    assert request_json(small, "/x", "POST", body=iter([b"a" * 1000, b"b" * 70_000]))["length"] == 71_000


def test_a_body_up_to_the_limit_is_taken(small: Server) -> None:
    assert request_json(small, "/x", "POST", body=b"a" * LIMIT)["length"] == LIMIT


@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/access-requests", "/nowhere/"])
def test_more_is_refused_by_the_site_before_it_asks_who_sends_it(
    site: Server, path: str, *, is_chunked: bool
) -> None:
    body = iter([b"a" * 2000] * (LIMIT // 2000 + 1)) if is_chunked else b"a" * (LIMIT + 1)
    status, answer = send_request(site, path, "POST", body=body, headers=FORM)
    assert status == 413
    if path.startswith("/api/v1/"):
        found = json.loads(answer)
        assert (found["code"], found["errors"]) == ("too_large", [])
    else:
        assert b"The request is too large" in answer


def test_who_announces_too_much_is_refused_before_sending_it(site: Server) -> None:
    head = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000000\r\n\r\n"
    with open_socket(site, head) as connection:
        assert read_until_closed(connection).startswith(b"HTTP/1.1 413 ")


def test_expecting_clients_are_told_before_they_send_it(site: Server) -> None:
    head = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n"
    with open_socket(site, head) as connection:
        assert b" 413 " in read_until_closed(connection)


def test_an_unfinished_upload_leaves_no_file(tmp_path: Path) -> None:
    with serve_site(TMPDIR=str(tmp_path)) as server:
        head = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n"
        with open_socket(server, head + b"a" * 1_000_000):
            time.sleep(0.5)
            assert list_open_files(server, tmp_path) == []


def list_open_files(server: Server, folder: Path) -> list[str]:
    """What the server's processes have open there, without a name too; gunicorn's own signs of life aside."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if f"PPid:\t{server.child.pid}\n" in (one / "status").read_text():
                found += [str(link.readlink()) for link in (one / "fd").iterdir()]
        except OSError:
            """It has ended meanwhile."""
    return [name for name in found if name.startswith(str(folder)) and "/wgunicorn-" not in name]


@pytest.mark.parametrize(
    "first",
    [
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_logged(site: Server, first: bytes) -> None:
    with open_socket(site, first) as connection:
        status = read_until_closed(connection).split(b" ")[1]
    assert status in {b"400", b"431", b"501"}
    assert f'" {status.decode()} ' in site.child.log.read_text()


def test_of_several_requests_at_once_the_first_is_answered(small: Server) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with open_socket(small, asked * 3) as connection:
        assert read_until_closed(connection).count(b"200 OK") == 1
