"""What gunicorn does for the processes goes on with our worker: several, recycled, stopped with grace, logged."""

import http.client
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from demo.embedded.child_process import wait_until
from tests.marketplace.http_server.served_sites import (
    get_port,
    open_socket,
    request_json,
    send_request,
    serve_site,
)
from tools.bench.harness.servers import Server


@pytest.fixture(scope="module")
def pair() -> Iterator[Server]:
    with serve_site() as server:
        yield server


def test_both_processes_answer(pair: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: request_json(pair, "/sleep"), range(16)))
    assert len({one["pid"] for one in answers}) == 2


def test_each_request_is_a_line_of_the_access_log(pair: Server) -> None:
    request_json(pair, "/found?a=b", headers={"User-Agent": "A browser"})
    line = r'127\.0\.0\.1 - - \[.+\] "GET /found\?a=b HTTP/1\.1" 200 \d+ "-" "A browser"'
    assert wait_until(lambda: bool(re.search(line, pair.child.log.read_text())), 60.0)


def test_no_header_names_the_server(pair: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", get_port(pair), timeout=60)
    connection.request("GET", "/")
    assert connection.getresponse().getheader("Server") is None
    connection.close()


def test_a_process_is_replaced_after_its_most_requests() -> None:
    with serve_site(arguments="--workers 1 --max-requests 3") as server:
        found = set()
        for _ in range(10):
            assert wait_until(lambda: send_request(server)[0] == 200, 60.0)
            found.add(request_json(server)["pid"])
        assert len(found) > 1


def test_a_killed_process_is_replaced() -> None:
    with serve_site(arguments="--workers 1") as server:
        first = request_json(server)["pid"]
        os.kill(first, signal.SIGKILL)
        assert wait_until(lambda: get_answering_pid(server) not in {0, first}, 60.0)


def get_answering_pid(server: Server) -> int:
    try:
        return int(request_json(server)["pid"])
    except OSError:
        return 0


def test_what_is_half_done_is_ended_before_it_stops() -> None:
    """An open connection that asks for nothing does not keep it."""
    with (
        serve_site(arguments="--graceful-timeout 600", MESHMARKET_HEADER_SECONDS="600") as server,
        ThreadPoolExecutor(4) as pool,
        open_socket(server, b"GET / HTTP/1.1\r\n"),
    ):
        asked = [pool.submit(send_request, server, "/sleep") for _ in range(4)]
        wait_until(lambda: False, 0.4)
        os.kill(server.child.pid or 0, signal.SIGTERM)
        assert [one.result()[0] for one in asked] == [200] * 4
        assert wait_until(lambda: not server.child.is_running, 60.0)
