"""Where `bench pages` measures: a filled database, and two servers on it, each with two processes."""

import http.client
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from itertools import product
from urllib.parse import urlencode

from django.urls import reverse

from demo.embedded import database_roles
from demo.embedded.child_process import EmbeddedError
from tools.bench.harness.servers import build_django_environment, migrated_postgres, run_gunicorn
from tools.bench.harness.subprocesses import run_program
from tools.bench.search.corpus import DOMAINS, build_queries, generate_corpus

CONNECTIONS = 4
PageRequest = tuple[str, str]
"""An address, and the key of a person's session."""
INBOX_FILTERS = {
    "whose": ("teams", ""),
    "classification": ("", "sensitive", "private"),
    "order": ("", "oldest"),
    "domain": ("", *DOMAINS[:6]),
    "days": ("", "7"),
}
BROWSE_FILTERS = {
    "sort": ("", "name"),
    "classification": ("", "public", "sensitive"),
    "domain": ("", *DOMAINS[:6]),
}


class MeasuredSite:
    """A running server."""

    def __init__(self, url: str) -> None:
        self._place = url.removeprefix("http://")

    @property
    def port(self) -> int:
        return int(self._place.rpartition(":")[2])

    def measure_rate(self, asked: Iterator[PageRequest], seconds: float) -> float:
        """Answers in a second over a few connections that stay open, until nothing is left to ask for; at least one of each,
        however slow. EmbeddedError for an answer that is no page.
        """
        until = time.perf_counter() + seconds
        counts = [0] * CONNECTIONS
        lock = threading.Lock()

        def go_on(number: int) -> None:
            connection = http.client.HTTPConnection(self._place, timeout=60)
            while not counts[number] or time.perf_counter() < until:
                with lock:
                    one = next(asked, None)
                if one is None:
                    return
                self._request_page(connection, *one)
                counts[number] += 1

        began = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            # A thread's error is the caller's: of pages that were not answered there is no rate.
            list(pool.map(go_on, range(CONNECTIONS)))
        return sum(counts) / (time.perf_counter() - began)

    def _request_page(self, connection: http.client.HTTPConnection, address: str, session: str) -> None:
        connection.request("GET", address, headers={"Cookie": f"sessionid={session}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            raise EmbeddedError(f"{address} answered {answer.status}: {body[:200]!r}")


@contextmanager
def pages_environment(
    tables: int, requests: int, seed: int
) -> Iterator[tuple[MeasuredSite, MeasuredSite, list[str], dict[str, str]]]:
    """Our site and that of the smallest page, on one database, the sessions of who is signed in, and the environment of a process
    that may write.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(migrated_postgres())
        files = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-static-"))
        settings = {
            **build_django_environment(postgres),
            "MESHMARKET_STATIC_ROOT": files,
            "MESHMARKET_SECURE_COOKIES": "false",
        }
        run_program(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], settings
        )
        full = {**settings, "DATABASE_URL": postgres.superuser_url("meshmarket")}
        program = [sys.executable, "-m", "tools.bench.harness.subprocess_call"]
        run_program([*program, "tools.bench.search.meshmarket", "fill", str(tables), str(seed)], full)
        sessions = run_program(
            [*program, "tools.bench.pages.request_rows", "fill", str(requests), str(seed)], full
        ).split()
        web = {**settings, "DATABASE_URL": postgres.superuser_url("meshmarket", role=database_roles.WEB)}
        ours = stack.enter_context(run_gunicorn("marketplace.wsgi:application", web))
        plain = {**web, "DJANGO_SETTINGS_MODULE": "tools.bench.pages.baseline_settings"}
        smallest = stack.enter_context(run_gunicorn("marketplace.wsgi:application", plain))
        yield MeasuredSite(ours.url), MeasuredSite(smallest.url), sessions, full


def list_addresses(tables: int, seed: int) -> dict[str, list[str]]:
    """By kind of page, from what is asked for most to what is asked for least."""
    asked = build_queries(seed)
    held = dict.fromkeys(table.product for table in generate_corpus(tables, seed))
    typed = [text for pair in zip(asked["frequent"], asked["page"], strict=True) for text in pair]
    return {
        "the inbox": [f"{reverse('reviews')}?{narrowed}" for narrowed in _list_filter_queries(INBOX_FILTERS)],
        "the search": [f"{reverse('search')}?{urlencode({'q': text})}" for text in dict.fromkeys(typed)],
        "browsing": [f"{reverse('search')}?{narrowed}" for narrowed in _list_filter_queries(BROWSE_FILTERS)],
        "a data product": [reverse("data-product", args=[slug]) for slug in held if slug],
    }


def _list_filter_queries(filters: dict[str, tuple[str, ...]]) -> list[str]:
    """Every choice of the filters, those with the fewest first."""
    chosen = [dict(zip(filters, values, strict=True)) for values in product(*filters.values())]
    said = [{name: value for name, value in one.items() if value} for one in chosen]
    return [urlencode(one) for one in sorted(said, key=len)]


def generate_random_requests(
    places: Sequence[str], sessions: Sequence[str], seed: int
) -> Iterator[PageRequest]:
    """Without end: most come again and again."""
    lots = random.Random(seed)
    while True:
        yield _pick_weighted(places, lots), _pick_weighted(sessions, lots)


def list_all_requests(places: Sequence[str], sessions: Sequence[str], seed: int) -> Iterator[PageRequest]:
    """Each address by each person once, in any order: nobody has seen it before."""
    pairs = list(product(places, sessions))
    random.Random(seed).shuffle(pairs)
    return iter(pairs)


def _pick_weighted(some: Sequence[str], lots: random.Random) -> str:
    return lots.choices(some, [1 / rank for rank in range(1, len(some) + 1)])[0]
