"""Every page that the URL table has, as the site renders it for who may see it: nothing for axe to say, nothing too wide."""

from collections.abc import Iterator, Mapping
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import portal.urls
from demo.screenshots.chromium import find_chromium, launch_chromium
from tests.bank import Bank
from tests.browser.page_judges import DESKTOP, PHONE, find_sideways_scrolling, find_violations, resize
from tests.browser.page_server import serve_pages
from tests.browser.rendered_pages import render_pages
from tests.portal.conftest import bank  # noqa: F401

pytestmark = [pytest.mark.all, pytest.mark.browser]
CHUNKS = 2
"""Into so many tests the pages are split, for processes to share."""
PAGES_LOOKED_AT_ELSEWHERE = {"password-reset-confirm", "policy-rules", "sign-in"}
"""Looked at in test_signed_out.py and test_policy_form.py."""
ACTIONS_BY_GET = {
    "account-connection-template", "data-product-by-id", "notification", "notification-open", "healthz", "healthz-live", "healthz-ready",
}  # fmt: skip
"""Of things that are not there; and what answers with no page."""
FRAGMENT = "/search/suggestions/"
LOOKS: tuple[tuple[Literal["light", "dark"], tuple[int, int]], ...] = (("light", DESKTOP), ("dark", PHONE))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_axe_has_nothing_to_say_and_nothing_scrolls_sideways(bank: Bank, chunk: int) -> None:  # noqa: F811
    """In each look every other page; on a phone all."""
    patterns = portal.urls.urlpatterns[chunk::CHUNKS]
    rendered = render_pages(bank, patterns)
    names = {str(one.name) for one in patterns}
    assert rendered.unreachable == names & (PAGES_LOOKED_AT_ELSEWHERE | ACTIONS_BY_GET)
    pages = {address: page.content for address, page in rendered.pages.items() if address != FRAGMENT}
    assert pages
    wrong = list(find_defects(pages))
    assert not wrong, "\n".join(wrong)


def find_defects(pages: Mapping[str, bytes]) -> Iterator[str]:
    """Each page is loaded once."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium on the PATH")
    with serve_pages(pages) as site, sync_playwright() as playwright:
        browser = launch_chromium(playwright, program)
        windows = [open_window(browser, scheme) for scheme, _size in LOOKS]
        for number, address in enumerate(pages):
            window, (scheme, size) = windows[number % len(LOOKS)], LOOKS[number % len(LOOKS)]
            resize(window, size)
            window.goto(site + address)
            found = [*find_violations(window), *find_sideways_scrolling(window)]
            yield from (f"{address} in {scheme}, {size[0]} wide: {one}" for one in found)
        browser.close()


def open_window(browser: Browser, scheme: Literal["light", "dark"]) -> Page:
    return browser.new_page(color_scheme=scheme, reduced_motion="reduce")
