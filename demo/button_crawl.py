"""Presses the buttons of a running demo's pages in Chromium, as each person who sees them."""

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Request, Response

from demo.page_faults import (
    ANNOUNCEMENTS,
    find_contradiction,
    find_page_faults,
    find_status_fault,
)
from demo.screenshots import FoundPage, find_pages, get_page_name, sign_in

NOT_PRESSED = {
    "sign-out": "ends the session of the crawl",
    "demo-as": "continues as another person, whose buttons are pressed in their own session",
    "demo-pull": "stops parts of the demo that the crawl needs",
    "profile-password": "ends the sessions of the person",
    "person-deactivate": "deactivates people whose buttons are still to be pressed",
    "profile": "changes the language and the zone in which pages are judged",
}
"""Forms that are not reached, by the name of their address, each with its reason; at most ten."""
LIST_BUTTONS = """() => [...document.querySelectorAll(
  "main :is(button, input[type=submit]):not([aria-hidden=true])")].map((button, number) => {
  const form = button.form, sends = form && button.type === "submit";
  button.dataset.crawl = number;
  return {number, text: (button.ariaLabel || button.textContent || button.value).replace(/\\s+/g, " ").trim(),
    address: sends ? new URL(button.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href).href : "",
    method: sends ? (button.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get").toLowerCase() : "",
    name: button.name, disabled: button.disabled};
})"""
OPEN_AROUND = """(button) => { for (let one = button; one; one = one.parentElement) {
  if (one.localName === "details") one.open = true;
  if (one.localName === "dialog" && !one.open) one.showModal();
} }"""
FILL_FORM = """(button, values) => {
  const said = new Set(), named = /comment|reason|purpose|note|title|question|answer|description/;
  for (const field of button.form?.elements ?? []) {
    if (field.disabled || field.readOnly || ["hidden", "submit", "button", "file"].includes(field.type)) continue;
    const many = field.type === "checkbox" || field.type === "radio";
    const same = [...button.form.elements].filter((one) => one.name === field.name);
    if (many) {
      if (said.has(field.name) || same.some((one) => one.checked) || !(field.required || same.length > 1)) continue;
      field.checked = true;
    } else if (field.value || !(field.required || named.test(field.name))) continue;
    else if (field.localName === "select") field.value = [...field.options].find((one) => one.value)?.value ?? "";
    else if (field.type === "number") field.value = field.min || "1";
    else field.value = values[field.type] ?? values.text;
    said.add(field.name);
    field.dispatchEvent(new Event("input", {bubbles: true}));
    field.dispatchEvent(new Event("change", {bubbles: true}));
  }
}"""
DAYS_AHEAD, MILLISECONDS, TIMEOUT_MILLISECONDS = 30, 2_500, 20_000
SETTLING_MILLISECONDS = 150
LEAST_SECONDS_OF_A_PERSON = 60.0
"""Some ten of them are spent on finding the pages."""
JUDGED_TYPES = {"document", "xhr", "fetch"}
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Button:
    """`form` is the name of the address that it sends to; empty for one that sends nothing."""

    page: str
    form: str
    method: str
    text: str


@dataclass
class CrawlReport:
    """`faults` begin with person and address. `forms` counts what was pressed, by the name of the address that it sends to."""

    pages: int = 0
    pressed: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    left: int = 0

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "not_pressed": NOT_PRESSED}

    def format(self) -> str:
        pressed, people = sum(self.pressed.values()), len(self.pressed)
        lines = [
            f"{pressed} buttons of {len(self.forms)} forms on {self.pages} pages, by {people} people; {self.left} pages are left",
            *(f"  not pressed: {name}: {reason}" for name, reason in NOT_PRESSED.items()),
            *(f"  ✗ {fault}" for fault in self.faults),
            f"{len(self.faults)} faults",
        ]
        return "\n".join(lines)


def list_people(browser: Browser, url: str) -> list[str]:
    """All whom the sign-in page of the demo shows."""
    page = browser.new_page()
    page.goto(f"{url}/sign-in/")
    buttons = page.locator("form[action*='/demo/as/'] button > span:last-child")
    names = [text.splitlines()[0] for text in buttons.all_inner_texts()]
    page.close()
    return names


class ButtonCrawler:
    """One person in a browser of their own."""

    def __init__(self, browser: Browser, url: str, person: str, locale: str, report: CrawlReport) -> None:
        self.url, self.person, self.report = url, person, report
        self.context: BrowserContext = browser.new_context(locale=locale, reduced_motion="reduce")
        self.context.set_default_timeout(TIMEOUT_MILLISECONDS)
        self.statuses: dict[Page, list[tuple[int, str]]] = {}
        self.pending: defaultdict[Page, set[Request]] = defaultdict(set)
        self.window = self._watch(sign_in(self.context, url, person))
        self.other = self._watch(self.context.new_page())
        self.known: set[Button] = set()

    def _watch(self, page: Page) -> Page:
        self.statuses[page] = []
        page.on("request", lambda asked: self._note_request(page, asked))
        page.on("requestfinished", partial(self._forget_request, page))
        page.on("requestfailed", partial(self._forget_request, page))
        page.on("response", lambda answer: self._note_answer(page, answer))
        page.on("dialog", lambda dialog: dialog.accept())
        page.on("pageerror", lambda error: self.note_fault(page.url, f"script: {error}"))
        return page

    def _note_request(self, page: Page, asked: Request) -> None:
        if asked.resource_type in JUDGED_TYPES:
            self.pending[page].add(asked)

    def _forget_request(self, page: Page, asked: Request) -> None:
        self.pending[page].discard(asked)

    def _note_answer(self, page: Page, answer: Response) -> None:
        if answer.url.startswith(self.url) and answer.request.resource_type in JUDGED_TYPES:
            self.statuses[page].append((answer.status, urlsplit(answer.url).path))

    def note_fault(self, address: str, fault: str) -> None:
        told = f"{self.person}, {address.removeprefix(self.url)}: {fault}"
        if told not in self.report.faults:
            self.report.faults.append(told)

    def fetch(self, path: str) -> str:
        """The HTML of a page; a link that leads to an error is a fault."""
        answer = self.context.request.get(self.url + path)
        if fault := find_status_fault(answer.status, is_announced=False):
            self.note_fault(path, f"a link leads here, and the page {fault}")
        is_page = answer.ok and answer.headers.get("content-type", "").startswith("text/html")
        return answer.text() if is_page and "content-disposition" not in answer.headers else ""

    def find_pages(self) -> list[FoundPage]:
        return find_pages(self.fetch, self.person, ())

    def open(self, page: Page, path: str) -> None:
        page.goto(self.url + path)
        page.wait_for_load_state("load")

    def list_buttons(self, page: Page, name: str) -> list[tuple[Button, int]]:
        """Those that can be pressed, with their number on the page."""
        buttons = []
        for one in page.evaluate(LIST_BUTTONS):
            path = urlsplit(one["address"]).path if one["address"] else ""
            button = Button(name, get_page_name(path), one["method"], DIGITS.sub("#", one["text"]))
            if not one["disabled"] and button.form not in NOT_PRESSED:
                buttons.append((button, one["number"]))
        return buttons

    def crawl_page(self, found: FoundPage, until: float, most: int | None = None) -> None:
        """Each of its buttons, on a page that is opened anew; `most` of the person's at most."""
        self.report.pages += 1
        self.open(self.window, found.path)
        self.judge(self.window, "as it opens")
        for button, _number in self.list_buttons(self.window, found.name):
            is_enough = most is not None and self.report.pressed[self.person] >= most
            if button not in self.known and time.monotonic() < until and not is_enough:
                self.known.add(button)
                self.press_everywhere(button, found.path)

    def crawl_pages(self, pages: Sequence[FoundPage], seconds: float, most: int | None = None) -> None:
        """For so many seconds, or until `most` buttons are pressed; pages that come after that are counted as left."""
        until = time.monotonic() + seconds
        for page in pages:
            is_enough = most is not None and self.report.pressed[self.person] >= most
            if time.monotonic() >= until or is_enough:
                self.report.left += 1
                continue
            try:
                self.crawl_page(page, until, most)
            except Error as error:
                self.note_fault(page.path, str(error).splitlines()[0])

    def press_everywhere(self, button: Button, path: str) -> None:
        """In a window, once more after Back, and in a second tab that was opened before. What asks for nothing is pressed once."""
        is_post = button.method == "post"
        self.open(self.window, path)
        if is_post:
            self.open(self.other, path)
        if not self.press(self.window, button, "pressed"):
            return
        self.report.pressed[self.person] += 1
        if button.form:
            self.report.forms[button.form] += 1
        if is_post:
            if self.window.url != self.url + path:
                self.window.go_back()
            self.judge(self.window, f"Back after “{button.text}”")
            self.press(self.window, button, "sent again after Back")
            self.press(self.other, button, "sent from a second tab")

    def press(self, page: Page, button: Button, told: str) -> bool:
        """Whether it is there and takes the click."""
        number = next((at for one, at in self.list_buttons(page, button.page) if one == button), None)
        if number is None:
            return False
        place = page.locator(f'[data-crawl="{number}"]')
        address = page.url
        place.evaluate(OPEN_AROUND)
        if not place.is_visible():
            return False
        fill_form(place)
        self.statuses[page].clear()
        try:
            place.click(timeout=MILLISECONDS, no_wait_after=True)
            self.wait_until_quiet(page)
        except Error as error:
            if place.count() and place.is_enabled():
                self.note_fault(address, f"“{button.text}” takes no click: {str(error).splitlines()[0]}")
            return False
        self.judge(page, f"“{button.text}” {told}")
        return True

    def wait_until_quiet(self, page: Page) -> None:
        """Until what the click asked for has come and is shown; a page that asks again and again is not waited for."""
        for _ in range(MILLISECONDS // SETTLING_MILLISECONDS):
            page.wait_for_timeout(SETTLING_MILLISECONDS)
            if not self.pending[page]:
                break
        page.wait_for_timeout(SETTLING_MILLISECONDS)
        page.wait_for_load_state("load")

    def judge(self, page: Page, told: str) -> None:
        is_announced = page.locator(ANNOUNCEMENTS).count() > 0
        for status, path in self.statuses[page]:
            if fault := find_status_fault(status, is_announced=is_announced):
                self.note_fault(page.url, f"{told}: {path} {fault}")
        self.statuses[page].clear()
        faults = [*find_page_faults(page), find_contradiction(page, self.fetch_data)]
        for fault in filter(None, faults):
            self.note_fault(page.url, f"{told}: {fault}")

    def fetch_data(self, path: str) -> str:
        """JSON of the API; empty for a refusal."""
        answer = self.context.request.get(self.url + path)
        return answer.text() if answer.ok else ""

    def close(self) -> None:
        self.context.close()


def fill_form(place: Locator) -> None:
    """With what a person might type; what is filled in stays."""
    ahead = time.strftime("%Y-%m-%d", time.gmtime(time.time() + DAYS_AHEAD * 86_400))
    values = {
        "date": ahead,
        "email": "new.person@harbour.example",
        "url": "https://wiki.harbour.example/claims",
        "search": "claims",
        "text": "Monthly report on claims",
    }
    place.evaluate(FILL_FORM, values)


@dataclass(frozen=True)
class CrawlPlan:
    """`chunk` of `chunks`, from 1, of all pages of all people; a seed has one order of them. The crawl ends after `seconds`."""

    seed: int
    chunk: int
    chunks: int
    seconds: float
    people: Sequence[str] = ()


def press_buttons(
    browser: Browser, url: str, plan: CrawlPlan, write_line: Callable[[str], None]
) -> CrawlReport:
    """Every second person reads German. Pages that time does not suffice for are counted as left, and people are named."""
    report, until = CrawlReport(), time.monotonic() + plan.seconds
    order = random.Random(plan.seed)
    people = list(plan.people) or list_people(browser, url)
    order.shuffle(people)
    share = max(plan.seconds / len(people), LEAST_SECONDS_OF_A_PERSON)
    for number, person in enumerate(people):
        began = time.monotonic()
        if began >= until:
            write_line(f"{person}: left for another run")
            continue
        crawler = ButtonCrawler(browser, url, person, ("en-GB", "de-DE")[number % 2], report)
        pages = sorted(crawler.find_pages(), key=lambda page: page.path)
        order.shuffle(pages)
        seconds = min(until, began + share) - time.monotonic()
        crawler.crawl_pages(pages[plan.chunk - 1 :: plan.chunks], seconds)
        crawler.close()
        write_line(f"{person}: {report.pressed[person]} buttons, {len(report.faults)} faults so far")
    return report
