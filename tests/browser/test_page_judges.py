"""The judges of a loaded page tell what is wrong with it, and pass a page that is in order."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.page_judges import (
    find_covered_controls,
    find_covered_focus,
    find_sideways_scrolling,
    find_violations,
)
from tests.browser.page_server import serve_pages

pytestmark = [pytest.mark.all, pytest.mark.browser]
PAGE = '<!doctype html><html lang="en"><head><title>Page</title>{style}</head><body><main><h1>Page</h1>{main}</main></body></html>'
COVER = "<style>#cover {position: fixed; inset: 0; height: 100vh}</style>"
BAR = "<style>#bar {position: sticky; top: 0; height: 60px}</style>"
PAGES = {
    "/fine/": PAGE.format(style="", main="<button>Save</button>"),
    "/wide/": PAGE.format(style="<style>button {width: 400px}</style>", main="<button>Save</button>"),
    "/covered/": PAGE.format(style=COVER, main='<button>Save</button><div id="cover"></div>'),
    "/bar/": PAGE.format(style=BAR, main='<p id="bar">A bar</p><button>Save</button>'),
    "/image/": PAGE.format(style="", main='<img src="/static/img/none.png">'),
    "/faint/": PAGE.format(style="<style>p {color: #ccc}</style>", main="<p>Faint words</p>"),
}
Judge = Callable[[Page], list[str]]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve_pages({address: page.encode() for address, page in PAGES.items()}) as address:
        yield address


@pytest.mark.parametrize(
    ("address", "judge", "told"),
    [
        ("/wide/", find_sideways_scrolling, "scrolls sideways"),
        ("/covered/", find_covered_controls, "<button>Save"),
        ("/covered/", find_covered_focus, "<button>Save"),
        ("/bar/", find_covered_focus, "sticky at 200 %"),
        ("/image/", find_violations, "image-alt"),
        ("/faint/", find_violations, "color-contrast"),
    ],
)
def test_what_is_wrong_is_told(browser: Browser, site: str, address: str, judge: Judge, told: str) -> None:
    page = browser.new_page()
    page.goto(site + address)
    assert any(told in one for one in judge(page))
    page.goto(f"{site}/fine/")
    assert judge(page) == []
    page.close()
