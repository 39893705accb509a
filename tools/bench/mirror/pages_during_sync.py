"""What a reading of everything does to the pages, and how soon a change of rights is found: one site, one reader."""

import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from itertools import cycle
from typing import Protocol
from urllib.parse import urlencode

from django.urls import reverse

from demo.embedded.child_process import EmbeddedError
from demo.embedded.waits import wait_for
from portal.api.filters import get_facet_parameter
from portal.search.api.search import SearchPageOut
from tools.bench.harness.servers import run_gunicorn
from tools.bench.harness.subprocesses import run_program
from tools.bench.mirror.environment import MirrorEnvironment
from tools.bench.report import BenchReport, at_most

SEARCHES: tuple[dict[str, str], ...] = ({"q": "customer"}, {"q": "customer invoice"}, {})
MIN_PAGES, ROUNDS, MAX_SECONDS, POLL_SECONDS, PERCENT = 60, 8, 30.0, 0.005, 95
MILLISECONDS = 1000
HELD_ACCESS = "have"
"""What a facet of the search calls what somebody may read already."""
_JOIN_TEAM = """INSERT INTO identity_membership (team_id, person_id, role)
SELECT t.id, p.id, 'member' FROM identity_team t, identity_person p WHERE p.email = 'reader@bank.example'"""
_LEAVE_TEAM = "DELETE FROM identity_membership"


class Reader(Protocol):
    """Who asks for addresses."""

    def get(self, address: str) -> bytes: ...


class PageReader:
    """A signed-in person with one connection that stays open."""

    def __init__(self, url: str, session: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        self._headers = {"Cookie": f"sessionid={session}"}

    def get(self, address: str) -> bytes:
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            raise EmbeddedError(f"{address} answered {answer.status}: {body[:200]!r}")
        return body

    def measure_percentile(self, goes_on: Callable[[int], bool]) -> float:
        """The 95th percentile, in milliseconds, of pages by turns for as long as `goes_on` says of their number."""
        taken: list[float] = []
        for address in cycle(list_pages()):
            if not goes_on(len(taken)):
                break
            began = time.perf_counter()
            self.get(address)
            taken.append(MILLISECONDS * (time.perf_counter() - began))
        return statistics.quantiles(taken, n=100)[PERCENT - 1]


def list_pages() -> list[str]:
    return [f"{reverse('search')}?{urlencode(asked)}" for asked in SEARCHES]


def run(
    board: BenchReport, here: MirrorEnvironment, change: Callable[[int], None], rounds: int | None = None
) -> None:
    """`change` makes every so many-th table of the endpoint differ; here every one does, so that all is written anew."""
    fewest = MIN_PAGES if rounds is None else rounds * len(SEARCHES)
    with _run_site(here) as reader:
        # Before the reading: it finds that nobody has the reader's role.
        _measure_rights_change(board, here, reader, rounds or ROUNDS)
        idle = board.add_figure(
            "95 % of pages, nothing read", reader.measure_percentile(lambda done: done < fewest), "ms"
        )
        change(1)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(here.sync)
            busy = reader.measure_percentile(lambda done: not reading.done() or done < len(SEARCHES))
            reading.result()
        board.add_figure(
            "95 % of pages while every table is read and written", busy, "ms", baseline=idle,
            must=at_most(3), stretch=at_most(1.5),
        )  # fmt: skip


def _measure_rights_change(
    board: BenchReport, here: MirrorEnvironment, reader: PageReader, rounds: int
) -> None:
    """From the commit in which a person joins or leaves a team until the search says what that team may read."""
    wait_for_hits(reader, 0)  # the first page waits for the site's processes to begin
    taken = []
    for number in range(rounds):
        here.query(_LEAVE_TEAM if number % 2 else _JOIN_TEAM)
        began = time.perf_counter()
        wait_for_hits(reader, 1 - number % 2)
        taken.append(time.perf_counter() - began)
    board.add_figure("change of rights, until the search shows it", max(taken), "s", must=at_most(5))


def wait_for_hits(reader: Reader, wanted: int) -> None:
    """NotSeenError when the search for what the reader may read does not find so many."""
    address = build_search_address()
    wait_for(
        lambda: count_hits(reader.get(address)) == wanted,
        MAX_SECONDS,
        f"{address} did not find {wanted} table{'' if wanted == 1 else 's'} after a change of rights",
        POLL_SECONDS,
    )


def build_search_address() -> str:
    """The API's search for what somebody may read already."""
    return f"{reverse('api-search')}?{urlencode({get_facet_parameter('access'): HELD_ACCESS})}"


def count_hits(body: bytes) -> int:
    """By the member of the answer that holds the total."""
    fields = SearchPageOut().fields.items()
    member = next(name for name, field in fields if field.source == "total")
    return int(json.loads(body)[member])


@contextmanager
def _run_site(here: MirrorEnvironment) -> Iterator[PageReader]:
    with tempfile.TemporaryDirectory(prefix="bench-static-") as files:
        settings = here.build_web_environment() | {
            "MESHMARKET_STATIC_ROOT": files,
            "MESHMARKET_SEARCH_RATE_LIMIT": "0",
        }
        run_program(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], settings
        )
        full = settings | {"DATABASE_URL": here.superuser_url}
        signing = [
            sys.executable,
            "-m",
            "tools.bench.harness.subprocess_call",
            "tools.bench.mirror.page_reader",
            "sign_in",
        ]
        session = run_program(signing, full).split()[-1]
        with run_gunicorn("marketplace.wsgi:application", settings) as served:
            yield PageReader(served.url, session)
