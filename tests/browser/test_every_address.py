"""Every page that the URL table has, as the site renders it for who may see it: nothing for axe to say."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route, ViewportSize, sync_playwright

from demo.screenshots.chromium import find_chromium, launch_chromium
from tests.bank import Bank
from tests.browser.keyboard_user import AXE
from tests.browser.rendered_pages import render_all_pages
from tests.portal.conftest import bank  # noqa: F401

pytestmark = [pytest.mark.all, pytest.mark.browser]
SITE = "http://pages.test"
ColorScheme = Literal["light", "dark"]
LOOKS: tuple[tuple[ColorScheme, int], ...] = (("light", 1440), ("dark", 360))
VIOLATIONS = """async () => (await axe.run(document)).violations.map((one) =>
  `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join("; ")}`)"""


def serve_page(route: Route, pages: Mapping[str, bytes]) -> None:
    """From what was rendered, or from the site's own files; there is no server."""
    where = urlsplit(route.request.url)
    address = where.path + (f"?{where.query}" if where.query else "")
    if address in pages:
        route.fulfill(body=pages[address], content_type="text/html; charset=utf-8")
    elif where.path.startswith("/static/") and (file := finders.find(where.path.removeprefix("/static/"))):
        kind = mimetypes.guess_type(str(file))[0] or "application/octet-stream"
        route.fulfill(body=Path(str(file)).read_bytes(), content_type=kind)
    else:
        route.fulfill(status=204)


def check_page(page: Page, address: str) -> list[str]:
    page.goto(SITE + address)
    page.evaluate(AXE)
    return [f"{address}: {one}" for one in page.evaluate(VIOLATIONS)]


def check_width(page: Page, address: str) -> list[str]:
    page.goto(SITE + address)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{address}: scrolls sideways"] if wide else []


def test_axe_has_nothing_to_say_and_nothing_scrolls_sideways(bank: Bank) -> None:  # noqa: F811
    """In each theme every other page; on a phone all."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium on the PATH")
    pages = {
        address: page.content
        for address, page in render_all_pages(bank).pages.items()
        if address != "/search/suggestions/"
    }
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright, program)
        wide, narrow = (open_window(browser, pages, *looks) for looks in LOOKS)
        wrong = [one for address in pages for one in check_width(narrow, address)]
        wrong += [
            one
            for number, address in enumerate(pages)
            for one in check_page(narrow if number % 2 else wide, address)
        ]
        browser.close()
    assert not wrong, "\n".join(wrong)


def open_window(browser: Browser, pages: Mapping[str, bytes], scheme: ColorScheme, width: int) -> Page:
    size = ViewportSize(width=width, height=900)
    page = browser.new_page(color_scheme=scheme, reduced_motion="reduce", viewport=size)
    page.route("**/*", lambda route: serve_page(route, pages))
    return page
