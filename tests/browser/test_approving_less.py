"""A review with two columns unticked: the button says so, and approves exactly that, with a script and without."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.journey.verdict_roles import BI, PRODUCER, PRODUCT, TABLE
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings
from tests.demo_process import RunningDemo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
REQUESTED_COLUMNS = ["policy_id", "birth_year", "region", "smoker"]
KEPT_COLUMNS = ["policy_id", "region"]
APPROVE = "#approve-button"


@pytest.fixture
def item(running_demo: RunningDemo) -> Iterator[dict[str, Any]]:
    """A waiting item for four columns; what was granted of it ends with the test."""
    ana, jonas = running_demo.sign_in(BI.email), running_demo.sign_in(PRODUCER)
    (table,) = [one for one in ana.get(f"data-products/{PRODUCT}")["tables"] if one["name"] == TABLE]
    body = {
        "recipient": {"kind": "principal", "principal": f"arn:aws:iam::{BI.account}:role/bi-reporting"},
        "purpose": "Longevity chart by region",
        "expires_at": (datetime.now().astimezone() + timedelta(days=30)).isoformat(),
        "items": [
            {
                "target": {"kind": "table", "table": table["id"]},
                "columns": REQUESTED_COLUMNS,
                "data_product": PRODUCT,
            }
        ],
    }
    (made,) = ana.post("access-requests", body)["items"]
    yield made
    if grant := ana.get(f"request-items/{made['id']}")["grant"]:
        jonas.post(f"grants/{grant['id']}/revoke", {"comment": "The test is over."})


@pytest.fixture
def without_script(browser: Browser, running_demo: RunningDemo) -> Iterator[Page]:
    """Jonas, signed in."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(running_demo.url)
    page.fill("#id_username", PRODUCER)
    page.fill("#id_password", running_demo.password)
    page.click("main button[type=submit]")
    yield page
    context.close()


def untick(page: Page) -> None:
    for name in sorted({*REQUESTED_COLUMNS} - {*KEPT_COLUMNS}):
        page.locator(f"input[name=columns][value={name}]").uncheck()
    page.fill("#id_comment", "The report needs no more.")


def list_button_names(page: Page) -> list[str]:
    """As the browser itself tells them to a screen reader."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    buttons = [node for node in nodes if node.get("role", {}).get("value") == "button"]
    return [" ".join(node["name"]["value"].split()) for node in buttons]


def get_granted_columns(running_demo: RunningDemo, item: dict[str, Any]) -> list[str]:
    found = running_demo.sign_in(BI.email).get(f"request-items/{item['id']}")
    assert found["grant"]
    return sorted(found["columns"])


def test_the_button_follows_the_ticks_and_approves_what_is_left(
    person: Person, findings: PageFindings, running_demo: RunningDemo, item: dict[str, Any]
) -> None:
    jonas = person(PRODUCER, "light")
    jonas.open(f"reviews/{item['id']}/")
    page = jonas.page
    expect(page.locator(APPROVE)).to_have_accessible_name("Approve all 4 columns and 1 partition key")
    expect(page.locator(APPROVE)).to_be_in_viewport()
    untick(page)
    expect(page.locator(APPROVE)).to_have_accessible_name("Approve 2 of 4 columns and 1 partition key")
    expect(page.locator("#shown")).to_contain_text("Less than requested")
    jonas.navigate(lambda: page.click(APPROVE))
    assert get_granted_columns(running_demo, item) == KEPT_COLUMNS
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])


def test_a_button_that_is_pressed_before_the_preview_came_only_previews(
    person: Person, running_demo: RunningDemo, item: dict[str, Any]
) -> None:
    jonas = person(PRODUCER, "dark")
    jonas.open(f"reviews/{item['id']}/")
    page = jonas.page
    page.route(
        "**/reviews/*/",
        lambda route: route.abort() if "HX-Request" in route.request.headers else route.continue_(),
    )
    untick(page)
    expect(page.locator(APPROVE)).to_have_accessible_name("Preview 2 of 4 columns")
    jonas.navigate(lambda: page.click(APPROVE))
    expect(page.get_by_text("You changed what you approve. Nothing is approved yet.")).to_be_visible()
    jonas.navigate(lambda: page.click(APPROVE))
    assert get_granted_columns(running_demo, item) == KEPT_COLUMNS


def test_without_a_script_the_first_press_shows_and_the_second_approves(
    without_script: Page, running_demo: RunningDemo, item: dict[str, Any]
) -> None:
    page = without_script
    page.goto(f"{running_demo.url}reviews/{item['id']}/")
    untick(page)
    # The style sheet counts the ticks for the eye; not every browser tells a counter to a screen reader.
    assert {"Preview 2 of 4 columns", "Preview of 4 columns"} & {*list_button_names(page)}
    page.click(APPROVE)
    expect(page.get_by_text("You changed what you approve. Nothing is approved yet.")).to_be_visible()
    expect(page.locator(APPROVE)).to_have_accessible_name("Approve 2 of 4 columns and 1 partition key")
    page.click(APPROVE)
    assert get_granted_columns(running_demo, item) == KEPT_COLUMNS
