"""Measures the main pages of a running demo in Chromium: how long, how heavy, and how many keys and clicks two jobs take."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from demo.main_pages import CONSUMER, OWNER, MainPage
from demo.screenshots import fetch_page, sign_in

WIDE, NARROW = (1440, 900), (360, 844)
FIRST_ROW = 'main [data-row], main tbody tr, main li a[href^="/reviews/"]'
READ_HEIGHT = "document.documentElement.scrollHeight"
READ_TOP = "(row) => Math.round(row.getBoundingClientRect().top + scrollY)"
HAS_FOCUS = "(selector) => document.activeElement?.matches(selector) ?? false"
MOST_TABS = 120
TIMEOUT_MILLISECONDS = 60_000
PURPOSE = "Longevity chart for the annual report"


@dataclass(frozen=True)
class PageFigures:
    """Heights and `first_row` in pixels, for a window of 1440 and of 360; kilobytes of HTML unpacked, and of all that a first visit
    receives, headers included.
    """

    name: str
    path: str
    height: int
    narrow_height: int
    first_row: int | None
    html_kilobytes: float
    requests: int
    wire_kilobytes: float


@dataclass(frozen=True)
class JobFigures:
    """What a person presses besides the text that is typed."""

    name: str
    keys: int
    clicks: int


def measure_page(
    browser: Browser, url: str, cookies: Sequence[Any], page: MainPage, path: str
) -> PageFigures:
    """On a first visit, with nothing in the browser's cache."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": WIDE[0], "height": WIDE[1]})
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    context.add_cookies(cookies)
    window = context.new_page()
    sizes: list[float] = []
    network = context.new_cdp_session(window)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    answer = window.goto(url + path, wait_until="networkidle")
    if answer is None or not answer.ok:
        raise LookupError(f"{path} answered {answer.status if answer else 'nothing'}.")
    height = window.evaluate(READ_HEIGHT)
    rows = window.locator(FIRST_ROW)
    first_row = rows.first.evaluate(READ_TOP) if rows.count() else None
    window.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    figures = PageFigures(
        page.name, path, height, window.evaluate(READ_HEIGHT), first_row,
        round(len(answer.body()) / 1000, 1), len(sizes), round(sum(sizes) / 1000, 1),
    )  # fmt: skip
    context.close()
    return figures


def measure_pages(browser: Browser, url: str, pages: Sequence[MainPage]) -> list[PageFigures]:
    """Each as the person of the page."""
    figures, contexts = [], dict[str, BrowserContext]()
    for page in pages:
        if page.person not in contexts:
            contexts[page.person] = browser.new_context()
            sign_in(contexts[page.person], url, page.person)
        context = contexts[page.person]
        path = page.find_path(partial(fetch_page, context, url))
        figures.append(measure_page(browser, url, context.cookies(), page, path))
    for context in contexts.values():
        context.close()
    return figures


class CountingPerson:
    """A person in a window of their own. Typed text is not counted."""

    def __init__(self, browser: Browser, url: str, name: str) -> None:
        self.url, self.keys, self.clicks = url, 0, 0
        self.context = browser.new_context(
            reduced_motion="reduce", viewport={"width": WIDE[0], "height": WIDE[1]}
        )
        self.context.set_default_timeout(TIMEOUT_MILLISECONDS)
        self.page: Page = sign_in(self.context, url, name)
        self.page.goto(f"{url}/")

    def press(self, *keys: str) -> None:
        self.keys += len(keys)
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def has_focus(self, selector: str) -> bool:
        return bool(self.page.evaluate(HAS_FOCUS, selector))

    def press_until(self, key: str, selector: str) -> None:
        for _ in range(MOST_TABS):
            if self.has_focus(selector):
                return
            self.press(key)
        raise LookupError(f"{key} does not reach {selector} on {self.page.url}.")

    def go(self, action: Callable[[], None]) -> None:
        with self.page.expect_navigation():
            action()

    def call(self, path: str, body: dict[str, Any]) -> None:
        """By the API, as the page's own script would."""
        token = next(
            str(one.get("value")) for one in self.context.cookies() if one.get("name") == "csrftoken"
        )
        headers = {"X-CSRFToken": token, "Origin": self.url, "Content-Type": "application/json"}
        answer = self.context.request.post(
            f"{self.url}/api/v1/{path}", data=json.dumps(body), headers=headers
        )
        if not answer.ok:
            raise LookupError(f"{path} answered {answer.status}: {answer.text()[:200]}")

    def fetch(self, path: str) -> Any:
        return self.context.request.get(f"{self.url}/api/v1/{path}").json()


def request_by_keyboard(ana: CountingPerson) -> str:
    """From her home page to the page of the request, whose number is returned."""
    ana.press("/")
    ana.type("life expectancy")
    ana.go(partial(ana.press, "Enter"))
    ana.press_until("j", 'a[href="/data-products/life-expectancy/"]')
    ana.press_until("Tab", 'a[href*="/access-requests/new/"]')
    ana.go(partial(ana.press, "Enter"))
    fill_request(ana, is_by_keyboard=True)
    ana.go(partial(ana.press, "Control+Enter"))
    return read_number(ana)


def request_by_mouse(ana: CountingPerson) -> str:
    """As by keyboard, for another data product. The words of the search are sent with Enter, one key."""
    ana.page.goto(f"{ana.url}/")
    ana.click("#q")
    ana.type("reinsurance")
    ana.go(partial(ana.press, "Enter"))
    ana.go(partial(ana.click, 'main a[href*="/access-requests/new/"][href*="data_product=reinsurance"]'))
    fill_request(ana, is_by_keyboard=False)
    ana.go(partial(ana.click, "[data-request-form] button.primary:visible"))
    return read_number(ana)


def fill_request(ana: CountingPerson, *, is_by_keyboard: bool) -> None:
    """What a page asks for and does not know; what has the focus needs no key."""
    reach = partial(ana.press_until, "Tab") if is_by_keyboard else ana.click
    if not ana.has_focus("#id_purpose"):
        if is_by_keyboard:
            ana.press("m")
        if not ana.has_focus("#id_purpose"):
            reach("#id_purpose")
    ana.type(PURPOSE)
    if not ana.page.locator("#id_principal").first.input_value():
        reach("#id_principal")
        ana.page.locator("#id_principal").select_option(index=1)
    if not ana.page.locator("[data-column]:checked, .column-picker :checked").count():
        reach("[data-select-columns=usual]")
        if is_by_keyboard:
            ana.press("Enter")
    ana.page.locator("#ahead [data-impossible]").first.wait_for(state="detached")


def read_number(ana: CountingPerson) -> str:
    """Of the request whose page is shown. LookupError where the form is shown again, with what it says."""
    parts: list[str] = urlsplit(ana.page.url).path.strip("/").split("/")
    if parts[0] != "access-requests" or not parts[-1].isdecimal():
        raise LookupError(f"The request was not sent: {ana.page.locator('main').inner_text()[:400]}")
    return parts[-1]


def approve_by_keyboard(jonas: CountingPerson, item: str) -> None:
    """From his home page to the decision on the item. Where the first key reaches the button, a second one presses it."""
    jonas.go(partial(jonas.press, "g", "i"))
    jonas.press_until("j", f'a[href^="/reviews/{item}/"]')
    if f"/reviews/{item}/" not in jonas.page.url:
        jonas.go(partial(jonas.press, "Enter"))
    jonas.press("a")
    jonas.go(partial(jonas.press, "Enter"))


def measure_jobs(browser: Browser, url: str) -> list[JobFigures]:
    """The first request and its approval, by keyboard; another request, by mouse. What they made is ended or withdrawn."""
    ana, jonas = CountingPerson(browser, url, CONSUMER), CountingPerson(browser, url, OWNER)
    request = ana.fetch(f"access-requests/{request_by_keyboard(ana)}")
    figures = [JobFigures("first request by keyboard", ana.keys, ana.clicks)]
    item = request["items"][0]["id"]
    approve_by_keyboard(jonas, item)
    figures.append(JobFigures("approval by keyboard", jonas.keys, jonas.clicks))
    grant = ana.fetch(f"request-items/{item}").get("grant")
    jonas.call(f"grants/{grant['id']}/revoke", {"comment": "It was made to measure pages."})
    ana.keys = ana.clicks = 0
    other = ana.fetch(f"access-requests/{request_by_mouse(ana)}")
    figures.append(JobFigures("first request by mouse", ana.keys, ana.clicks))
    ana.call(f"request-items/{other['items'][0]['id']}/withdraw", {})
    for person in (ana, jonas):
        person.context.close()
    return figures


def pack_figures(pages: Sequence[PageFigures], jobs: Sequence[JobFigures]) -> dict[str, Any]:
    """One JSON object with the lists `pages` and `jobs`."""
    return {"pages": [asdict(one) for one in pages], "jobs": [asdict(one) for one in jobs]}
