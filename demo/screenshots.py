"""Photographs the pages of a running site with Playwright: one address of each name, found by following links."""

import re
import shutil
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape, unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

GOVERNOR = "Greta Sommer"
PEOPLE = ("Ana Keller", "Jonas Weber", GOVERNOR, "Mira Okafor")
"""A consumer, an owner, a governance admin and a partner, by the names that the demo's sign-in page shows."""
SCHEMES, WIDTHS, HEIGHT = ("light", "dark"), (1440, 360), 900
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ROLE_PAGES = ("home", "reviews", "grants")
"""Names of pages that differ so much by role that each person's is shown."""
LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
UNLINKED_PAGES = {
    "search-results": "/search/?q=claims",
    "search-empty": "/search/?q=zzzz",
    "access-request-new-tag": "/access-requests/new/?tag=classification%3Dpublic",
    "error-404": "/no-such-page/",
    "admin:index": "/admin/",
    "admin:identity_person_changelist": "/admin/identity/person/",
    "api-docs": "/api/docs/",
    "styleguide": "/styleguide/",
}
HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Screenshots</title>
<style>body{font:14px sans-serif;margin:16px;background:#888}h2{margin:24px 0 8px}
div{display:flex;gap:12px;align-items:flex-start}img{border:1px solid #444}
img.wide{width:640px}img.narrow{width:240px}</style><h1>Screenshots</h1>"""


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


@dataclass(frozen=True)
class FoundPage:
    """`name` is the URL's name, and for `ROLE_PAGES` the person's too."""

    name: str
    path: str


def photograph(page: Page, url: str, found: FoundPage, folder: Path, shots: dict[str, list[Path]]) -> None:
    page.goto(url + found.path, wait_until="networkidle")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            file = folder / f"{found.name.replace(':', '-')}-{scheme}-{width}.png"
            page.screenshot(path=file, full_page=True)
            shots[found.name].append(file)


def find_chromium() -> str | None:
    """The path of the first of `PROGRAMS` on the PATH."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def launch_chromium(playwright: Playwright, program: str) -> Browser:
    """Without a window and with a new profile."""
    return playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))


def find_pages(fetch: Callable[[str], str], person: str, known_names: Iterable[str]) -> list[FoundPage]:
    """The pages that links lead to from the home page, the first address of each name, without `known_names`.

    `fetch` returns the HTML of a path, or an empty string for what is not a page.
    """
    found: list[FoundPage] = []
    known, visited, waiting = set(known_names).difference(ROLE_PAGES), set[str](), deque(["/"])
    while waiting:
        path = waiting.popleft()
        name = get_page_name(path)
        if not name or name in visited:
            continue
        visited.add(name)
        html = fetch(path)
        if html and name not in known:
            found.append(FoundPage(f"{name}-{person}" if name in ROLE_PAGES else name, path))
        waiting.extend(extract_paths(html, path))
    return found


def get_page_name(path: str) -> str:
    """The name of the URL; empty for what is not a page of the portal or the demo."""
    try:
        name = resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""
    return "" if name.startswith(("api-", "admin:", "static")) else name


def extract_paths(html: str, base: str) -> list[str]:
    """Paths with queries of the links that stay on the site; `base` is the page's own path."""
    joined = (urlsplit(urljoin(base, unescape(address))) for address in LINK.findall(html))
    return [f"{part.path}?{part.query}".rstrip("?") for part in joined if not part.netloc and not part.scheme]


def write_index(folder: Path, shots: Mapping[str, Iterable[Path]]) -> Path:
    """`shots` by page name. Returns the path of index.html."""
    sections = [
        f"<h2>{escape(name)}</h2><div>{''.join(map(format_image, sorted(files)))}</div>"
        for name, files in sorted(shots.items())
    ]
    index = folder / "index.html"
    index.write_text(HEAD + "\n".join(sections) + "</html>\n", encoding="utf-8")
    return index


def format_image(file: Path) -> str:
    width = "narrow" if file.stem.endswith("-360") else "wide"
    name = escape(file.name)
    return f'<a href="{name}"><img class="{width}" loading="lazy" src="{name}" alt="{escape(file.stem)}"></a>'
