"""Photographs the pages of a running site with Playwright."""

from collections import defaultdict
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from demo.screenshots.pages import UNLINKED_PAGES, FoundPage, find_pages

GOVERNOR = "Greta Sommer"
PEOPLE = ("Ana Keller", "Jonas Weber", GOVERNOR, "Mira Okafor")
"""A consumer, an owner, a governance admin and a partner, by the names that the demo's sign-in page shows."""
SCHEMES, WIDTHS, HEIGHT = ("light", "dark"), (1440, 360), 900


def photograph_site(browser: Browser, url: str, folder: Path) -> dict[str, list[Path]]:
    """The files by page name."""
    shots: dict[str, list[Path]] = defaultdict(list)
    signed_out = browser.new_context(reduced_motion="reduce")
    photograph(signed_out.new_page(), url, FoundPage("sign-in", "/sign-in/"), folder, shots)
    for person in PEOPLE:
        context = browser.new_context(reduced_motion="reduce")
        page = sign_in(context, url, person)
        first_name = person.split()[0].lower()
        pages = find_pages(partial(fetch_page, context, url), first_name, shots)
        if person == GOVERNOR:
            known = {*shots, *(found.name for found in pages)}
            pages += [FoundPage(name, path) for name, path in UNLINKED_PAGES.items() if name not in known]
        for found in pages:
            photograph(page, url, found, folder, shots)
        context.close()
    return shots


def sign_in(context: BrowserContext, url: str, person: str) -> Page:
    """With the person's button on the demo's sign-in page."""
    page = context.new_page()
    page.goto(f"{url}/sign-in/")
    with page.expect_navigation():
        page.locator("form[action*='/demo/as/'] button", has_text=person).click()
    return page


def fetch_page(context: BrowserContext, url: str, path: str) -> str:
    """The HTML of a page; empty for a refusal, a download or data."""
    answer = context.request.get(url + path)
    is_page = answer.ok and answer.headers.get("content-type", "").startswith("text/html")
    return answer.text() if is_page and "content-disposition" not in answer.headers else ""


def photograph(page: Page, url: str, found: FoundPage, folder: Path, shots: dict[str, list[Path]]) -> None:
    page.goto(url + found.path, wait_until="networkidle")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            file = folder / f"{found.name.replace(':', '-')}-{scheme}-{width}.png"
            page.screenshot(path=file, full_page=True)
            shots[found.name].append(file)
