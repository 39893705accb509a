"""Each form of the pages, pressed in Chromium: an answer, then Back, then the form once more."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test import Client
from playwright.sync_api import Browser, Page, Response, sync_playwright

from demo.screenshots.chromium import find_chromium, launch_chromium
from identity.people.models import Person
from tests.bank import Bank
from tests.browser.keyboard_user import TIMEOUT_MILLISECONDS
from tests.browser.rendered_pages import render_all_pages
from tests.browser.site_server import serve_site
from tests.portal.conftest import bank  # noqa: F401 - a fixture
from tests.portal.form_presses import Press, list_presses
from tests.portal.test_every_form import ANSWERS, NOT_PRESSED, TECHNICAL_MESSAGES

pytestmark = [pytest.mark.all, pytest.mark.browser]
FIND_BUTTON = """
const form = document.forms[at];
const button = [...form.elements].find((one) => one.type === "submit" && one.name === name && one.value === value);
"""
FILL = (
    """([at, name, value]) => {"""
    + FIND_BUTTON
    + """
  for (const one of form.elements) {
    if (one.disabled || one.readOnly) continue;
    const isEmpty = !one.value;
    if (one.tagName === "SELECT" && isEmpty) {
      one.value = [...one.options].find((option) => option.value && !option.disabled)?.value ?? "";
    } else if (one.type === "radio" && ![...form.elements].some((other) => other.name === one.name && other.checked)) {
      one.checked = true;
    } else if (one.type === "checkbox" && one.required) {
      one.checked = true;
    } else if (one.type === "date" && isEmpty) {
      one.value = one.min || one.max || "2030-01-01";
    } else if (one.type === "number" && isEmpty) {
      one.value = one.min || "1";
    } else if (["text", "textarea", "search"].includes(one.type) && isEmpty && one.required) {
      one.value = "Some words that say why.";
    }
  }
  const refused = form.noValidate || button?.formNoValidate ? null : [...form.elements].find((one) => !one.checkValidity());
  return refused ? `${refused.name}: ${refused.validationMessage}` : "";
}"""
)
CLICK = "([at, name, value]) => {" + FIND_BUTTON + "button ? button.click() : form.requestSubmit(); }"
HAS_FORM = (
    "([at, name, value]) => { if (!document.forms[at]) return false;"
    + FIND_BUTTON
    + "return !name || !!button; }"
)
REASONS = '[role="alert"], .callout, .toasts, .error, .empty'
"""Where a page says why something is no longer possible."""


@dataclass
class Visitor:
    """Someone at a browser; `answers` are those to the last press."""

    page: Page
    url: str
    answers: list[Response] = field(default_factory=list)

    def note(self, answer: Response) -> None:
        if answer.request.resource_type in {"document", "xhr", "fetch"}:
            self.answers.append(answer)

    def press(self, press: Press, position: int) -> str:
        """What is wrong with the answer."""
        place = [position, press.button.name, press.button.value]
        if refused := self.page.evaluate(FILL, place):
            return f"the browser does not send it: {refused}"
        self.answers.clear()
        with self.page.expect_response(lambda answer: is_answer(answer, press)):
            self.page.evaluate(CLICK, place)
        self.page.wait_for_load_state("load")
        return self.find_fault()

    def find_fault(self) -> str:
        wrong = [f"{one.status} of {one.url}" for one in self.answers if one.status not in ANSWERS]
        text = self.page.content()
        return "; ".join([*wrong, *(message for message in TECHNICAL_MESSAGES if message in text)])


def is_answer(answer: Response, press: Press) -> bool:
    path = urlsplit(answer.url).path
    return (
        answer.request.method == press.button.method.upper() and path == urlsplit(press.button.address).path
    )


def list_distinct_presses(bank: Bank) -> Iterator[tuple[Person, int, Press]]:  # noqa: F811
    """With who sees the page, and the place of the form on it; forms of searches change nothing, so Back is easy."""
    known = set()
    for address, answer in render_all_pages(bank).pages.items():
        person = answer.wsgi_request.user  # type: ignore[attr-defined]
        for position, press in list_presses(answer.content.decode(), address):
            if press.button.method == "post" and press.key not in known and press.name not in NOT_PRESSED:
                known.add(press.key)
                yield person, position, press


def press_and_return(visitor: Visitor, position: int, press: Press) -> Iterator[str]:
    """What goes wrong."""
    page, address = visitor.page, visitor.url + press.page
    page.goto(address)
    if fault := visitor.press(press, position):
        yield fault
        return
    if page.url != address:
        page.go_back()
    if urlsplit(page.url).path != urlsplit(address).path:
        yield f"Back leads to {page.url}"
    elif page.evaluate(HAS_FORM, [position, press.button.name, press.button.value]):
        if fault := visitor.press(press, position):
            yield f"again: {fault}"
    elif not page.locator(REASONS).count():
        yield "after Back the form is not there, and the page does not say why"


def find_faults(browser: Browser, url: str, presses: list[tuple[Person, int, Press]]) -> Iterator[str]:
    visitors: dict[int, Visitor] = {}
    for person, position, press in presses:
        if person.pk not in visitors:
            visitors[person.pk] = open_visitor(browser, url, person)
        mark = transaction.savepoint()
        for fault in press_and_return(visitors[person.pk], position, press):
            yield f"{press.page} {press.name} {press.button.name}={press.button.value}: {fault}"
        transaction.savepoint_rollback(mark)


def open_visitor(browser: Browser, url: str, person: Person) -> Visitor:
    client = Client()
    client.force_login(person)
    context = browser.new_context(reduced_motion="reduce")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    visitor = Visitor(context.new_page(), url)
    visitor.page.on("response", visitor.note)
    return visitor


def test_every_form_works_and_once_more_after_back(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium on the PATH")
    presses = list(list_distinct_presses(bank))
    # While Playwright runs, Django refuses the database, but here a browser waits and one request at a time is answered.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    database = connections["default"]
    with serve_site() as url, sync_playwright() as playwright:
        # Below the loop of Playwright, Django would open another connection, which does not see the bank.
        connections["default"] = database
        wrong = list(find_faults(launch_chromium(playwright, program), url, presses))
    assert len(presses) > 100
    assert not wrong, "\n".join(wrong)
