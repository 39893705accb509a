"""What a first visit loads, static files compressed as collectstatic does."""

import gzip

import pytest
from playwright.sync_api import Browser, Page, Response

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


def get_weight(answer: Response) -> int:
    """Bytes of the body. WhiteNoise compresses static files but for fonts; pages are sent as they are."""
    is_compressed = "/static/" in answer.url and not answer.url.endswith(".woff2")
    return len(gzip.compress(answer.body()) if is_compressed else answer.body())


def load(page: Page, address: str) -> tuple[int, int]:
    """Requests and bytes of a first visit."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(address, wait_until="networkidle")
    return len(answers), sum(map(get_weight, answers))


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
