"""What a search takes beside tantivy, on catalogs of several sizes; and that it is right."""

import argparse
import time
from contextlib import ExitStack
from typing import Any

from tools.bench.harness.peer_python import python_with
from tools.bench.report import Board, Bound, Figure, at_least, at_most
from tools.bench.search import environment as place
from tools.bench.search.environment import Engine

HELP = "The search: pages, frequent words, browsing, completion, misspelt words, growth; beside tantivy."
TABLES, QUICK_TABLES = 100_000, 10_000
LARGER, LONGEST_RUN = 1_000_000, 60 * 60.0
TIMES_LARGER, MEASURING = 1.3, 120.0
"""What filling a catalog takes more than its share; seconds for measuring it."""
HELD_FROM = 50_000
"""Tables from which on the peer is a measure: on fewer it answers sooner than a statement is planned."""
PIP_SECONDS = 90
ROUNDS, SECONDS, QUICK_SECONDS = 3, 2.0, 0.5
AGAINST_PEER: dict[str, tuple[str, Bound, Bound]] = {
    "page": ("page of two words", at_most(3), at_most(1.6)),
    "frequent": ("page of a frequent word", at_most(15), at_most(3)),
    "browse": ("browsing with facets", at_most(0.5), at_most(0.2)),
    "letter": ("completion of one letter", at_most(0.5), at_most(0.2)),
}
GROWN: dict[str, tuple[Bound, Bound]] = {
    "page": (at_most(6), at_most(3)),
    "browse": (at_most(1.5), at_most(1.1)),
    "letter": (at_most(1.5), at_most(1.1)),
}
Times = dict[str, Figure]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tables", type=int, help=f"of the catalog (default {TABLES:,}, quick {QUICK_TABLES:,})"
    )
    parser.add_argument(
        "--larger", type=int, default=LARGER, help=f"of the one for growth (default {LARGER:,})"
    )
    parser.add_argument("--peer", default="", help="a Python that has tantivy; without it one is made")


def run(board: Board, options: dict[str, Any]) -> None:
    """One catalog with all figures; a larger one, of which growth is told, if the hour is long enough."""
    began = time.monotonic()
    tables = options["tables"] or (QUICK_TABLES if board.quick else TABLES)
    with python_with("tantivy", options["peer"], seconds=PIP_SECONDS) as python:
        if not python:
            board.leave_out("tantivy", "it is not here, and the package index did not give it")
        filled, small = _sized(board, tables, options["seed"], python)
        larger = options["larger"]
        needed = filled * TIMES_LARGER * larger / tables + MEASURING
        left = LONGEST_RUN - (time.monotonic() - began)
        name = f"a catalog of {larger:,} tables"
        if board.has_room(name, needed) and needed > left:
            why = f"filling it takes about {needed:,.0f} s, and the hour has {left:,.0f} s left"
            board.leave_out(name, why)
        elif needed <= left and not board.quick:
            _grown(board, larger, options["seed"], small, python)


def _sized(board: Board, tables: int, seed: int, python: str) -> tuple[float, Times]:
    with ExitStack() as stack:
        ours, filled = stack.enter_context(place.own(tables, seed))
        peer = stack.enter_context(place.peer(python, tables, seed)) if python else None
        board.add(f"filling with {tables:,} tables", filled, "s")
        times = _times(board, ours, peer, is_held=tables >= HELD_FROM)
        _misspelt(board, ours)
        _right(board, ours)
    return filled, times


def _times(board: Board, ours: Engine, peer: Engine | None, *, is_held: bool) -> Times:
    """Ids, order and facets, by turns with the peer; then the page with all its texts, which no peer has."""
    told = {}
    for kind, (name, must, stretch) in AGAINST_PEER.items():
        own, other = _by_turns(board, kind, ours, peer)
        if other is None:
            told[kind] = board.add(name, own, "ms")
        else:
            base = board.add(f"tantivy: {name}", other, "ms")
            bounds = {"must": must, "stretch": stretch} if is_held else {}
            told[kind] = board.add(name, own, "ms", to=base, **bounds)
    whole = min(ours.p50("whole", _seconds(board), "page") for _ in range(ROUNDS))
    board.add("page of two words, with texts and reasons", whole, "ms")
    return told


def _by_turns(board: Board, kind: str, ours: Engine, peer: Engine | None) -> tuple[float, float | None]:
    own, other = [], []
    for _ in range(ROUNDS):
        own.append(ours.p50(kind, _seconds(board)))
        other += [peer.p50(kind, _seconds(board))] if peer else []
    return min(own), min(other, default=None)


def _misspelt(board: Board, ours: Engine) -> None:
    rounds = [
        (ours.p50("whole", _seconds(board), "right"), ours.p50("misspelt", _seconds(board)))
        for _ in range(ROUNDS)
    ]
    right = board.add("page of a word", min(each for each, _ in rounds), "ms")
    board.add(
        "page of the word misspelt", min(each for _, each in rounds), "ms", to=right,
        must=at_most(3), stretch=at_most(2),
    )  # fmt: skip
    share = 100 * ours.ask("corrections")["share"]
    board.add("misspelt words put right", share, "%", must=at_least(95), stretch=at_least(99))


def _right(board: Board, ours: Engine) -> None:
    checked = ours.ask("check")
    board.add("hits that were checked", checked["hits"], "hits", must=at_least(1))
    board.add("hits that must not be seen", checked["hidden"], "hits", must=at_most(0))
    board.add("facets that do not add up", checked["sums"], "searches", must=at_most(0))


def _grown(board: Board, tables: int, seed: int, small: Times, python: str) -> None:
    """How much longer than in the smaller catalog; and the frequent word beside the peer, which grows as well."""
    with ExitStack() as stack:
        ours, filled = stack.enter_context(place.own(tables, seed))
        board.add(f"filling with {tables:,} tables", filled, "s")
        for kind, (must, stretch) in GROWN.items():
            own, _ = _by_turns(board, kind, ours, None)
            name = f"{AGAINST_PEER[kind][0]}, {tables:,} tables"
            board.add(name, own, "ms", to=small[kind], must=must, stretch=stretch)
        if python:
            peer = stack.enter_context(place.peer(python, tables, seed))
            name, must, stretch = AGAINST_PEER["frequent"]
            own, other = _by_turns(board, "frequent", ours, peer)
            base = board.add(f"tantivy: {name}, {tables:,} tables", other or 0.0, "ms")
            board.add(f"{name}, {tables:,} tables", own, "ms", to=base, must=must, stretch=stretch)


def _seconds(board: Board) -> float:
    return QUICK_SECONDS if board.quick else SECONDS
