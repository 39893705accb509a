"""What pages take on a server, beside the smallest page of Django on the same kind of server."""

import argparse
from contextlib import ExitStack
from typing import Any

from demo.bench.board import Board, at_least
from demo.bench.pages_place import Site, place

HELP = "Pages as they are served: the inbox and the search, beside the smallest page of Django."
TABLES, QUICK_TABLES = 10_000, 1_000
REQUESTS, QUICK_REQUESTS = 10_000, 2_000
ROUNDS, SECONDS, QUICK_SECONDS = 3, 3.0, 1.0
PAGES = {
    "the inbox": "/inbox/?whose=teams",
    "the search": "/?q=claims",
    "browsing": "/?",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tables", type=int, help=f"default {TABLES:,}, quick {QUICK_TABLES:,}")
    parser.add_argument(
        "--requests", type=int, help=f"that wait; default {REQUESTS:,}, quick {QUICK_REQUESTS:,}"
    )


def run(board: Board, options: dict[str, Any]) -> None:
    """Each page and the smallest one answer by turns, two processes of one kind of server for each."""
    tables = options["tables"] or (QUICK_TABLES if board.quick else TABLES)
    requests = options["requests"] or (QUICK_REQUESTS if board.quick else REQUESTS)
    with ExitStack() as stack:
        ours, smallest = stack.enter_context(place(tables, requests, options["seed"]))
        for name, address in PAGES.items():
            own, other = _by_turns(board, ours, smallest, address)
            base = board.add(f"the smallest page, by turns with {name}", other, "requests/s")
            board.add(name, own, "requests/s", to=base, must=at_least(0.35), stretch=at_least(0.6))


def _by_turns(board: Board, ours: Site, smallest: Site, address: str) -> tuple[float, float]:
    """The best of each: what slows one round down slows both."""
    taken = [
        (ours.rate(address, _seconds(board)), smallest.rate("/", _seconds(board))) for _ in range(ROUNDS)
    ]
    return max(own for own, _ in taken), max(other for _, other in taken)


def _seconds(board: Board) -> float:
    return QUICK_SECONDS if board.quick else SECONDS
