"""Slow clients: what two hundred that never come to an end do to everybody else."""

import argparse
import http.client
import statistics
import time
from typing import Any

from demo.bench.board import Board, at_most
from demo.bench.pages_place import place
from demo.bench.slow_clients import KINDS, SlowClients
from demo.embedded.errors import EmbeddedError
from demo.ports import HOST

HELP = (
    "Slow clients: the health check and a page while 200 clients send half of a request, or read no response."
)
TABLES, REQUESTS = 200, 50
ASKED, ROUNDS, QUICK_ROUNDS = 40, 10, 4
PERCENT, MILLISECONDS, LONGEST = 95, 1000, 10.0
BELOW_500 = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=200, help="how many slow clients (default 200)")


def run(board: Board, options: dict[str, Any]) -> None:
    """Idle and not by short turns: other work on the machine misleads both alike."""
    with place(TABLES, REQUESTS, options["seed"]) as (site, _smallest, sessions):
        addresses = {"health check": ("/healthz", ""), "page": ("/?q=customer", sessions[0])}
        for path, session in [*addresses.values()] * 5:
            ask(site.port, path, session)
        for kind in KINDS:
            compare(board, site.port, kind, addresses, options["count"])


def compare(
    board: Board, port: int, kind: str, addresses: dict[str, tuple[str, str]], slow_clients: int
) -> None:
    idle: dict[str, list[float]] = {name: [] for name in addresses}
    beside: dict[str, list[float]] = {name: [] for name in addresses}
    path = largest_file(port) if kind == "unread responses" else "/sign-in/"
    for _ in range(QUICK_ROUNDS if board.quick else ROUNDS):
        measure(idle, port, addresses)
        with SlowClients(port, kind, slow_clients, path=path):
            measure(beside, port, addresses)
    for name in addresses:
        before = board.add(f"{name}, idle before {kind}, 95 %", slowest(idle[name]), "ms")
        title = f"{name} beside {slow_clients} {kind}, 95 %"
        board.add(title, slowest(beside[name]), "ms", to=before, must=at_most(2))


def largest_file(port: int) -> str:
    """Of the static files that the page with the sign-in form names."""
    page = ask(port, "/sign-in/", "").decode()
    found = {part.split('"')[0] for part in page.split('"') if part.startswith("/static/")}
    return max(found, key=lambda one: len(ask(port, one, "")))


def measure(into: dict[str, list[float]], port: int, addresses: dict[str, tuple[str, str]]) -> None:
    for name, (path, session) in addresses.items():
        for _ in range(ASKED):
            began = time.perf_counter()
            ask(port, path, session)
            into[name].append(MILLISECONDS * (time.perf_counter() - began))


def slowest(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[PERCENT - 1]


def ask(port: int, path: str, session: str) -> bytes:
    """By a new connection, as a newcomer asks. EmbeddedError when it is not answered."""
    connection = http.client.HTTPConnection(HOST, port, timeout=LONGEST)
    try:
        connection.request("GET", path, headers={"Cookie": f"sessionid={session}"} if session else {})
        response = connection.getresponse()
        body = response.read()
    except TimeoutError:
        return b""  # as slow as is waited for
    finally:
        connection.close()
    if response.status >= BELOW_500:
        raise EmbeddedError(f"{path} answered {response.status}: {body[:200]!r}")
    return body
