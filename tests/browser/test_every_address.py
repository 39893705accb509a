"""Every page that the URL table has, as the site renders it for who may see it: nothing for axe to say."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, sync_playwright

from demo.screenshots.chromium import find_chromium, launch_chromium
from tests.bank import Bank
from tests.browser.keyboard_user import AXE
from tests.browser.rendered_pages import render_all_pages
from tests.portal.conftest import bank  # noqa: F401

pytestmark = [pytest.mark.all, pytest.mark.browser]
SITE = "http://pages.test"
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
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    found = [*page.evaluate(VIOLATIONS), *(["scrolls sideways"] if wide else [])]
    return [f"{address}: {one}" for one in found]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_axe_has_nothing_to_say_of_any_page(bank: Bank, scheme: str, width: int) -> None:  # noqa: F811
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
        size = {"width": width, "height": 900}
        page = browser.new_page(color_scheme=scheme, reduced_motion="reduce", viewport=size)
        page.route("**/*", lambda route: serve_page(route, pages))
        wrong = [one for address in pages for one in check_page(page, address)]
        browser.close()
    assert not wrong, "\n".join(wrong)
