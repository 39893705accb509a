"""Clients that never come to an end hold up nobody else, and are not waited for without end."""

import socket
import time
from collections.abc import Iterator

import pytest

from tests.marketplace.http_server.served_sites import answer_of, ask, opened, port_of, served, told
from tests.marketplace.http_server.slow_clients import KINDS, SlowClients
from tools.bench.harness.servers import Server

POST = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def patient() -> Iterator[Server]:
    with served() as server:
        yield server


@pytest.fixture(scope="module")
def hurried() -> Iterator[Server]:
    """Waits a second for a header, and as long for each ten thousand bytes of a transfer."""
    limits = {
        "MESHMARKET_HEADER_SECONDS": "1",
        "MESHMARKET_TRANSFER_SECONDS": "1",
        "MESHMARKET_BYTES_PER_SECOND": "10000",
    }
    with served(arguments="--keep-alive 1", **limits) as server:
        yield server


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_answered_while_two_hundred_are_half_done(patient: Server, kind: str) -> None:
    with SlowClients(port_of(patient), kind, 200, path="/large"):
        assert [ask(patient)[0] for _ in range(20)] == [200] * 20
        assert told(patient, "/x", "POST", body=b"y" * 5000)["length"] == 5000


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: loc",
        POST + b"Content-Length: 900000\r\n\r\nabc",
        POST + b"Transfer-Encoding: chunked\r\n\r\n90000\r\nabc",
    ],
)
def test_who_sends_half_a_request_is_not_waited_for(hurried: Server, first: bytes) -> None:
    with opened(hurried, first) as connection:
        assert answer_of(connection) == b""


@pytest.mark.parametrize(
    "first", [b"GET /healthz HTTP/1.1\r\nX-Slow: ", POST + b"Content-Length: 900000\r\n\r\n"]
)
def test_a_byte_now_and_then_does_not_put_the_end_off(hurried: Server, first: bytes) -> None:
    with opened(hurried, first) as connection:
        assert any(not sent(connection, b"a") for _ in range(80))


def sent(connection: socket.socket, one: bytes) -> bool:
    """Whether the server still takes it, a tenth of a second later."""
    time.sleep(0.1)
    try:
        connection.sendall(one)
    except OSError:
        return False
    return True


def test_who_reads_no_response_is_not_waited_for(hurried: Server) -> None:
    with opened(hurried, b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        time.sleep(4.0)
        assert len(answer_of(connection)) < 3_000_000


def test_a_slow_upload_that_moves_on_is_taken(hurried: Server) -> None:
    with opened(hurried, POST + b"Connection: close\r\nContent-Length: 60000\r\n\r\n") as connection:
        for _ in range(12):
            connection.sendall(b"a" * 5000)
            time.sleep(0.25)
        assert b'"length": 60000' in answer_of(connection)


def test_an_idle_connection_is_kept_for_the_next_request_and_then_ended(hurried: Server) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with opened(hurried, asked) as connection:
        assert b"200 OK" in connection.recv(65_536)
        connection.sendall(asked)
        assert answer_of(connection).count(b"200 OK") == 1


def test_one_address_keeps_so_many_unfinished_connections_and_no_more() -> None:
    with served(arguments="--workers 1", MESHMARKET_CONNECTIONS_PER_ADDRESS="10") as server:
        connections = [opened(server, b"GET / HTTP/1.1\r\n") for _ in range(30)]
        assert ask(server)[0] == 200
        for one in connections[:20]:
            assert answer_of(one) == b""
        for one in connections[-9:]:
            one.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert b"200 OK" in answer_of(one)
        for one in connections:
            one.close()


def test_behind_a_proxy_all_come_from_one_address() -> None:
    limits = {"MESHMARKET_CONNECTIONS_PER_ADDRESS": "10", "MESHMARKET_PROXIES": "1"}
    with served(arguments="--workers 1", **limits) as server:
        connections = [opened(server, b"GET / HTTP/1.1\r\n") for _ in range(30)]
        assert ask(server)[0] == 200
        for one in connections:
            one.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert b"200 OK" in answer_of(one)
            one.close()


def test_beyond_the_most_connections_the_oldest_that_waits_makes_room() -> None:
    with served(arguments="--workers 1", MESHMARKET_CONNECTIONS="20") as server:
        connections = [opened(server) for _ in range(60)]
        assert ask(server)[0] == 200
        assert answer_of(connections[0]) == b""
        for one in connections:
            one.close()
