"""What each main page takes of a processor, beside the smallest page of Django, in one process through all of its middleware."""

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler
from django.test.utils import override_settings

from demo.embedded.child_process import EmbeddedError
from demo.main_pages import MAIN_PAGES, MainPage
from identity.people.models import Person
from tools.bench.pages import baseline_page, baseline_settings
from tools.bench.report import BenchReport, at_most
from tools.fuzz.callers import seeded_bank
from tools.trace import start_as_web

GZIP = {"Accept-Encoding": "gzip"}
GOAL = 3.0
"""Times the smallest page."""
MOST_KILOBYTES = 15.0
"""Of HTML that people wish for, whole; without a must."""


class SmallestPageHandler(ClientHandler):
    """Answers every address with the smallest page, through Django's own middleware alone."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=False)
        with override_settings(MIDDLEWARE=baseline_settings.MIDDLEWARE):
            self.load_middleware()

    def get_response(self, request: WSGIRequest) -> HttpResponseBase:  # type: ignore[override]
        request.urlconf = baseline_page.__name__
        return super().get_response(request)


@dataclass
class Measured:
    """Milliseconds of the processor, bytes of HTML as it is and as it is sent, statements; the least of all rounds."""

    page: MainPage
    path: str
    client: Client
    milliseconds: float = float("inf")
    html: int = 0
    sent: int = 0
    statements: int = 0

    def measure(self) -> None:
        statements = 0

        def count(execute: Callable[..., object], *arguments: object) -> object:
            nonlocal statements
            statements += 1
            return execute(*arguments)

        with connection.execute_wrapper(count):
            began = time.process_time()
            answer = self.client.get(self.path)
            used = (time.process_time() - began) * 1000
        if answer.status_code != HTTPStatus.OK:
            raise EmbeddedError(f"{self.path} answered {answer.status_code}: {answer.content[:300]!r}")
        self.milliseconds = min(self.milliseconds, used)
        self.statements = statements
        is_compressed = answer.get("Content-Encoding") == "gzip"
        self.sent = len(answer.content)
        self.html = len(gzip.decompress(answer.content)) if is_compressed else self.sent


def run(board: BenchReport, rounds: int) -> None:
    """In the demo's bank. Each round opens every page once and the smallest one after each, so that what slows one down slows both."""
    with seeded_bank(lambda _line: None):
        start_as_web()
        pages = [_find_page(page) for page in MAIN_PAGES]
        smallest = Measured(MainPage("the smallest page", "", "/"), "/", _sign_in(MAIN_PAGES[0].person))
        smallest.client.handler = SmallestPageHandler()
        for number in range(rounds + 1):
            for measured in pages:
                measured.measure()
                smallest.measure()
            if not number:
                forget(*pages, smallest)
    report(board, smallest, pages)


def forget(*measured: Measured) -> None:
    """The first round compiles templates and fills caches."""
    for page in measured:
        page.milliseconds = float("inf")


def _find_page(page: MainPage) -> Measured:
    client = _sign_in(page.person)
    path = page.find_path(lambda path: gzip.decompress(client.get(path).content).decode())
    asked = client.get(path, follow=True).request
    return Measured(page, f"{asked['PATH_INFO']}?{asked['QUERY_STRING']}".removesuffix("?"), client)


def _sign_in(name: str) -> Client:
    client = Client(headers={"Host": "127.0.0.1", **GZIP})
    client.force_login(Person.objects.get(name=name))
    return client


def report(board: BenchReport, smallest: Measured, pages: list[Measured]) -> None:
    least = board.add_figure(smallest.page.name, smallest.milliseconds, "ms of Python")
    for measured in pages:
        board.add_figure(
            measured.page.name, measured.milliseconds, "ms of Python", baseline=least, stretch=at_most(GOAL)
        )
    for measured in pages:
        kilobytes = measured.html / 1000
        board.add_figure(f"{measured.page.name}, HTML", kilobytes, "kB", stretch=at_most(MOST_KILOBYTES))
    board.write_line(format_table(smallest, pages))


def format_table(smallest: Measured, pages: list[Measured]) -> str:
    """One line a page."""
    lines = [f"{'page':20}{'ms':>8}{'ratio':>8}{'HTML kB':>9}{'sent kB':>9}{'statements':>12}"]
    lines += [
        f"{one.page.name:20}{one.milliseconds:8.2f}{one.milliseconds / smallest.milliseconds:8.1f}"
        f"{one.html / 1000:9.1f}{one.sent / 1000:9.1f}{one.statements:12}"
        for one in (smallest, *pages)
    ]
    return "\n".join(lines)
