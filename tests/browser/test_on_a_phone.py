"""On a phone: long names break, tables become cards, and a form that came back shows its fault."""

import pytest
from playwright.sync_api import expect

from demo.journey.verdict_roles import BI, GOVERNANCE_ADMIN, PRODUCER
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
WIDE = """() => [...document.querySelectorAll("html, .scroll")].some((one) => one.scrollWidth > one.clientWidth)"""
"""The page, or a table in it, has to be pushed sideways."""


def use_phone_size(reader: KeyboardUser) -> KeyboardUser:
    reader.page.set_viewport_size({"width": 390, "height": 844})
    return reader


def test_a_request_for_a_table_with_a_long_name_does_not_scroll_sideways(person: Person) -> None:
    ana = use_phone_size(person(BI.email, "dark"))
    ana.open("access-requests/")
    ana.page.get_by_role("link", name="Branch Performance").first.focus()
    ana.navigate(lambda: ana.press("Enter"))
    expect(ana.page.locator("#story .head").first).to_contain_text("retail_banking_gold.branch_performance")
    record = ana.page.locator("[id^=record-]").first
    record.locator("summary").click()
    expect(record.locator(".timeline")).to_be_visible()
    assert not ana.page.evaluate(WIDE)


@pytest.mark.parametrize(
    ("email", "path"),
    [
        (BI.email, "access-requests/new/?table=1"),
        (GOVERNANCE_ADMIN, "health/"),
        (GOVERNANCE_ADMIN, "sync-runs/"),
    ],
)
def test_no_table_has_to_be_pushed_sideways(person: Person, email: str, path: str) -> None:
    reader = use_phone_size(person(email, "light"))
    reader.open(path)
    assert reader.page.locator(".data").count()
    assert not reader.page.evaluate(WIDE)


def test_a_form_that_came_back_has_the_focus_on_its_first_fault(person: Person) -> None:
    ana = use_phone_size(person(BI.email, "light"))
    ana.open("access-requests/new/?table=1")
    ana.page.evaluate("document.querySelector('[data-request-form]').noValidate = true")
    ana.page.locator("input[name=columns]").first.check()
    expect(ana.page.locator("#ahead [data-impossible]")).to_have_count(0)
    ana.follow("form[data-request-form] button.primary")
    expect(ana.page.locator("#id_purpose")).to_be_focused()
    expect(ana.page.get_by_text("Say in one sentence what you need the data for.")).to_be_in_viewport()


def test_the_buttons_of_a_table_are_whole_where_there_is_room(person: Person) -> None:
    jonas = person(PRODUCER, "light")
    jonas.page.set_viewport_size({"width": 1440, "height": 900})
    jonas.open("data-products/claims/access/")
    assert not jonas.page.evaluate(WIDE)


def test_a_fact_with_a_long_name_leaves_room_for_what_it_says(person: Person) -> None:
    greta = use_phone_size(person(GOVERNANCE_ADMIN, "dark"))
    greta.open(f"policies/global/evaluate/?person={BI.email}&table=1&extent=columns&days=90")
    said = greta.page.locator(".facts dd").first.bounding_box()
    assert said is not None
    assert said["width"] > 390 / 3
