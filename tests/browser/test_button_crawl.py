"""The crawl of buttons on a small site that is broken: what it says of it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser

from demo.button_crawl import ButtonCrawler, CrawlReport
from demo.screenshots import FoundPage

pytestmark = [pytest.mark.all, pytest.mark.browser]
SIGN_IN = (
    '<form method="post" action="/demo/as/1"><button><span></span><span>Ana Keller</span></button></form>'
)
PAGE = """<main><span class="state"><b class="chip is-lost">Lost</b></span>
<form method="post" action="/grants/1/revoke/"><input name="reason" required><button>Revoke</button></form>
<form method="post" action="/sign-out/"><button>Sign out</button></form>
<button type="button" disabled>Nothing</button></main>"""


class BrokenSite(BaseHTTPRequestHandler):
    sent: list[str]

    def do_GET(self) -> None:
        self.answer(200, SIGN_IN if self.path == "/sign-in/" else PAGE)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.sent.append(f"{self.path} {body}")
        self.answer(200 if self.path.startswith("/demo/") else 500, "The key must have 1 to 64 characters.")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f'<!doctype html><html lang="en"><body>{text}'.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - Python's name
        """Nothing."""


def test_the_crawl_names_what_is_broken_and_sends_three_times(browser: Browser) -> None:
    sent: list[str] = []
    site = type("Site", (BrokenSite,), {"sent": sent})
    report = CrawlReport()
    with ThreadingHTTPServer(("127.0.0.1", 0), site) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        crawler = ButtonCrawler(browser, url, "Ana Keller", "en-GB", report)
        crawler.crawl_pages([FoundPage("grant", "/page/")], 60.0)
        crawler.close()
        server.shutdown()
    told = "\n".join(report.faults)
    assert "/page/: as it opens: the state “Lost” is none of the vocabulary" in told
    for turn in ("pressed", "sent again after Back", "sent from a second tab"):
        assert f"“Revoke” {turn}: /grants/1/revoke/ answered 500" in told
    assert "blames the browser: “The key must have”" in told
    assert sent[1:] == ["/grants/1/revoke/ reason=Monthly+report+on+claims"] * 3
    assert report.pressed == {"Ana Keller": 1}
