"""Every page that the URL table has, as the site renders it for who may see it: nothing for axe, the policy or the console
to say, nothing too wide, no control under another.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import pytest
from django.http import HttpResponse
from playwright.sync_api import Browser, sync_playwright

import portal.urls
from demo.screenshots import find_chromium, launch_chromium
from tests.bank import Bank
from tests.browser.keyboard_user import KeyboardUser, PageFindings
from tests.browser.page_judges import (
    DESKTOP,
    PHONE,
    find_covered_controls,
    find_sideways_scrolling,
    find_violations,
    resize,
)
from tests.browser.page_server import POLICY, serve_pages
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
def test_every_page_is_clean_and_its_controls_are_in_reach(bank: Bank, chunk: int) -> None:  # noqa: F811
    """In each look every other page; on a phone all."""
    patterns = portal.urls.urlpatterns[chunk::CHUNKS]
    rendered = render_pages(bank, patterns)
    names = {str(one.name) for one in patterns}
    assert rendered.unreachable == names & (PAGES_LOOKED_AT_ELSEWHERE | ACTIONS_BY_GET)
    pages = {address: page for address, page in rendered.pages.items() if address != FRAGMENT}
    assert pages
    wrong = list(find_defects(pages))
    assert not wrong, "\n".join(wrong)


def find_defects(pages: Mapping[str, HttpResponse]) -> Iterator[str]:
    """Each page is loaded once."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium on the PATH")
    findings, policies = PageFindings(), {address: page.headers[POLICY] for address, page in pages.items()}
    contents = {address: page.content for address, page in pages.items()}
    with serve_pages(contents, policies) as site, sync_playwright() as playwright:
        browser = launch_chromium(playwright, program)
        readers = [open_window(browser, scheme, site, findings) for scheme, _size in LOOKS]
        for number, address in enumerate(pages):
            window, (scheme, size) = readers[number % len(LOOKS)].page, LOOKS[number % len(LOOKS)]
            resize(window, size)
            window.goto(site + address)
            found = [
                *find_violations(window),
                *find_covered_controls(window),
                *find_sideways_scrolling(window),
            ]
            yield from (f"{address} in {scheme}, {size[0]} wide: {one}" for one in found)
        browser.close()
    yield from findings.policy + findings.errors


def open_window(
    browser: Browser, scheme: Literal["light", "dark"], site: str, findings: PageFindings
) -> KeyboardUser:
    """It tells `findings` what the policy and the console say."""
    return KeyboardUser(browser.new_context(color_scheme=scheme, reduced_motion="reduce"), site, findings)
