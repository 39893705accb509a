"""The system's own Chromium, with a new profile for each run."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from demo.screenshots import find_chromium, launch_chromium
from tests.browser.keyboard_user import KeyboardUser, PageFindings
from tests.demo_process import RunningDemo

Person = Callable[[str, str], KeyboardUser]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with its module: while Playwright runs, Django refuses the database to every other test."""
    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium on the PATH")
    with sync_playwright() as playwright:
        made = launch_chromium(playwright, program)
        yield made
        made.close()


@pytest.fixture
def findings() -> PageFindings:
    return PageFindings()


@pytest.fixture
def person(browser: Browser, running_demo: RunningDemo, findings: PageFindings) -> Iterator[Person]:
    """Makes a signed-in person by e-mail and colour scheme."""
    contexts = []

    def sign_in(email: str, scheme: str) -> KeyboardUser:
        size = {"width": 1280, "height": 900}
        context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", viewport=size)
        contexts.append(context)
        made = KeyboardUser(context, running_demo.url, findings)
        made.sign_in(email, running_demo.password)
        return made

    yield sign_in
    for context in contexts:
        context.close()
