"""A person at a browser who has a keyboard only; every page is looked at by axe, every policy report is kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from demo.screenshots import fetch_page

FIND_VIOLATIONS = (
    'async () => (await axe.run(document, {preload: false, resultTypes: ["violations"]})).violations'
)
LIST_SHAPES = """() => [matchMedia("(prefers-color-scheme: dark)").matches, innerWidth, location.pathname.replace(/\\d+/g, "#"),
  ...new Set([...document.querySelectorAll("body *")].map((one) => [
    one.parentElement.localName, one.parentElement.className, one.localName, one.className, one.getAttributeNames(),
    one.childElementCount > 0 || one.textContent.trim() !== ""].join(" ")))]"""
"""What a page looks like to axe: its address without numbers, and each kind of element with its parent."""
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
MAX_TABS = 250
TIMEOUT_MILLISECONDS = 60_000
"""Milliseconds for whatever a page waits for."""
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  window.policyBroken(`${event.violatedDirective} ${event.blockedURI} on ${location.pathname}`));
"""
ABORTED_POLL_MESSAGES = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx says of a poll that was under way when the person left the page; a failed one says more than that."""
_judged: set[frozenset[str]] = set()
"""Pages that axe judged in this process, by their shapes."""
HAS_FOCUS = """(selector) => document.activeElement?.matches(selector) ?? false"""


@dataclass
class PageFindings:
    """What went wrong on the way, by page: axe's violations, policy reports, errors of scripts."""

    axe: list[str] = field(default_factory=list)
    policy: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)


class KeyboardUser:
    """One person in a browser of their own. `goto` is for the first page; all else is keys.

    `presses` counts them, besides the text that is typed.
    """

    def __init__(self, context: BrowserContext, url: str, findings: PageFindings) -> None:
        self.findings = findings
        self.presses = 0
        self.url = url
        context.expose_binding("policyBroken", lambda _source, said: findings.policy.append(str(said)))
        context.add_init_script(REPORT_VIOLATIONS)
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        self.page: Page = context.new_page()
        self.page.on("request", self._note_report)
        self.page.on("console", self._note_error)
        self.page.on("pageerror", lambda error: findings.errors.append(str(error)))

    def _note_report(self, request: Request) -> None:
        if request.url.endswith("/csp-report/"):
            self.findings.policy.append(f"report: {request.post_data}")

    def _note_error(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(ABORTED_POLL_MESSAGES):
            self.findings.errors.append(f"{self.page.url}: {message.text}")

    def open(self, path: str = "") -> None:
        self.page.goto(self.url + path)
        self.check_page()

    def fetch(self, path: str) -> str:
        """The HTML of a page, without opening it; empty for a refusal, a download or data."""
        return fetch_page(self.page.context, self.url.rstrip("/"), path)

    def sign_in(self, email: str, password: str) -> None:
        """The home page is judged by a test of its own."""
        self.open()
        self.type_into("#id_username", email)
        self.type_into("#id_password", password)
        with self.page.expect_navigation():
            self.press("Enter")

    def press(self, *keys: str) -> None:
        self.presses += len(keys)
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, selector: str) -> None:
        """Tab until the element has the focus; it must then be visible to the eye."""
        for _ in range(MAX_TABS):
            if self.page.evaluate(HAS_FOCUS, selector):
                assert self.page.locator(":focus").first.is_visible(), f"{selector} has the focus unseen"
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {selector} on {self.page.url}")

    def type_into(self, selector: str, text: str) -> None:
        self.reach(selector)
        self.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def follow(self, selector: str) -> None:
        """Go through a link or a button with Enter, to the next page."""
        self.reach(selector)
        self.navigate(lambda: self.press("Enter"))

    def press_shortcut(self, place: str) -> None:
        """By the site's own keys: g, then the place's letter."""
        self.navigate(lambda: self.press("g", place))

    def navigate(self, action: Callable[[], None]) -> None:
        """Do what leads to another page, and look at it."""
        with self.page.expect_navigation():
            action()
        self.check_page()

    def check_page(self) -> None:
        """Let axe judge the page as it stands, unless it judged one like it."""
        self.page.wait_for_load_state("load")
        self.findings.pages.append(self.page.url.removeprefix(self.url))
        shapes = frozenset(map(str, self.page.evaluate(LIST_SHAPES)))
        if shapes not in _judged:
            _judged.add(shapes)
            self._judge_page()

    def _judge_page(self) -> None:
        self.page.evaluate(AXE)
        found: list[dict[str, Any]] = self.page.evaluate(FIND_VIOLATIONS)
        for violation in found:
            places = "; ".join(str(node["html"])[:160] for node in violation["nodes"][:3])
            self.findings.axe.append(f"{self.findings.pages[-1]}: {violation['id']}: {places}")

    def read_text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    def wait_for_text(self, text: str) -> None:
        """The page itself brings the text, without a key."""
        self.page.get_by_text(text, exact=True).first.wait_for()
