"""Clients that never come to an end hold up nobody else, and are not waited for without end."""

import socket
import time
from collections.abc import Iterator

import pytest

from tests.marketplace.http_server.served_sites import (
    get_port,
    open_socket,
    read_until_closed,
    request_json,
    send_request,
    serve_site,
)
from tests.marketplace.http_server.slow_clients import KINDS, SlowClients
from tools.bench.harness.servers import Server

POST = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def patient() -> Iterator[Server]:
    with serve_site() as server:
        yield server


@pytest.fixture(scope="module")
def hurried() -> Iterator[Server]:
    """Waits a second for a header, and as long for each ten thousand bytes of a transfer."""
    limits = {
        "MESHMARKET_HEADER_SECONDS": "1",
        "MESHMARKET_TRANSFER_SECONDS": "1",
        "MESHMARKET_BYTES_PER_SECOND": "10000",
    }
    with serve_site(arguments="--keep-alive 1", **limits) as server:
        yield server


@pytest.mark.all
@pytest.mark.parametrize("kind", KINDS)
def test_others_are_answered_while_two_hundred_are_half_done(patient: Server, kind: str) -> None:
    with SlowClients(get_port(patient), kind, 200, path="/large"):
        assert [send_request(patient)[0] for _ in range(20)] == [200] * 20
        assert request_json(patient, "/x", "POST", body=b"y" * 5000)["length"] == 5000


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
    with open_socket(hurried, first) as connection:
        assert read_until_closed(connection) == b""


@pytest.mark.parametrize(
    "first", [b"GET /healthz HTTP/1.1\r\nX-Slow: ", POST + b"Content-Length: 900000\r\n\r\n"]
)
def test_a_byte_now_and_then_does_not_put_the_end_off(hurried: Server, first: bytes) -> None:
    with open_socket(hurried, first) as connection:
        assert any(not is_still_accepted(connection, b"a") for _ in range(80))


def is_still_accepted(connection: socket.socket, one: bytes) -> bool:
    """Whether the server still takes it, a tenth of a second later."""
    time.sleep(0.1)
    try:
        connection.sendall(one)
    except OSError:
        return False
    return True


def test_who_reads_no_response_is_not_waited_for(hurried: Server) -> None:
    with open_socket(hurried, b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        time.sleep(4.0)
        assert len(read_until_closed(connection)) < 3_000_000


def test_a_slow_upload_that_moves_on_is_taken(hurried: Server) -> None:
    with open_socket(hurried, POST + b"Connection: close\r\nContent-Length: 60000\r\n\r\n") as connection:
        for _ in range(12):
            connection.sendall(b"a" * 5000)
            time.sleep(0.25)
        assert b'"length": 60000' in read_until_closed(connection)


def test_an_idle_connection_is_kept_for_the_next_request_and_then_ended(hurried: Server) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with open_socket(hurried, asked) as connection:
        assert b"200 OK" in connection.recv(65_536)
        connection.sendall(asked)
        assert read_until_closed(connection).count(b"200 OK") == 1


@pytest.mark.all
def test_one_address_keeps_so_many_unfinished_connections_and_no_more() -> None:
    with serve_site(arguments="--workers 1", MESHMARKET_CONNECTIONS_PER_ADDRESS="10") as server:
        connections = [open_socket(server, b"GET / HTTP/1.1\r\n") for _ in range(30)]
        assert send_request(server)[0] == 200
        for one in connections[:20]:
            assert read_until_closed(one) == b""
        for one in connections[-9:]:
            one.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert b"200 OK" in read_until_closed(one)
        for one in connections:
            one.close()


@pytest.mark.all
def test_behind_a_proxy_all_come_from_one_address() -> None:
    limits = {"MESHMARKET_CONNECTIONS_PER_ADDRESS": "10", "MESHMARKET_PROXIES": "1"}
    with serve_site(arguments="--workers 1", **limits) as server:
        connections = [open_socket(server, b"GET / HTTP/1.1\r\n") for _ in range(30)]
        assert send_request(server)[0] == 200
        for one in connections:
            one.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert b"200 OK" in read_until_closed(one)
            one.close()


@pytest.mark.all
def test_beyond_the_most_connections_the_oldest_that_waits_makes_room() -> None:
    with serve_site(arguments="--workers 1", MESHMARKET_CONNECTIONS="20") as server:
        connections = [open_socket(server) for _ in range(60)]
        assert send_request(server)[0] == 200
        assert read_until_closed(connections[0]) == b""
        for one in connections:
            one.close()
