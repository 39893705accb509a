"""What a first visit loads, compressed as the site sends it."""

import pytest
from playwright.sync_api import Browser, Page

from demo.journey.verdict_roles import GOVERNANCE_ADMIN, PRODUCT
from tests.browser.conftest import Person
from tests.budgets import FIRST_VISIT
from tests.demo_process import RunningDemo

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
PATHS = (
    "",
    "search/?q=claims",
    f"data-products/{PRODUCT}/",
    "tables/1/",
    "access-requests/new/?table=1",
    "access-requests/1/",
    "grants/",
    "reviews/",
    "reviews/1/",
    "policies/global/",
    "health/",
    "notifications/",
)


def load(page: Page, address: str) -> tuple[int, float]:
    """Requests of a first visit, and bytes as they come over the wire, with headers."""
    sizes: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    return len(sizes), sum(sizes)


def test_each_page_is_light_on_a_first_visit(
    browser: Browser, running_demo: RunningDemo, person: Person
) -> None:
    session = person(GOVERNANCE_ADMIN, "light").page.context.cookies()
    heavy = {}
    for path in PATHS:
        context = browser.new_context()
        context.add_cookies(session)
        requests, weight = load(context.new_page(), f"{running_demo.url}{path}")
        if requests > FIRST_VISIT["requests"] or weight > FIRST_VISIT["bytes"]:
            heavy[path] = (requests, weight)
        context.close()
    assert heavy == {}
