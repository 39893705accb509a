"""Where `bench pages` measures: a filled database, and two servers on it, each with two processes."""

import http.client
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

from demo.embedded import database_roles
from demo.embedded.child_process import EmbeddedError
from tools.bench.harness.servers import build_django_environment, migrated_postgres, run_gunicorn
from tools.bench.harness.subprocesses import run_program
from tools.bench.pages.request_mix import PageRequest

CONNECTIONS = 4


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
