"""The search box offers what may follow, by keyboard alone, and says so to a screen reader."""

import pytest
from playwright.sync_api import expect

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]


def without_aborts(findings: PageFindings) -> tuple[list[str], list[str], list[str]]:
    """A search that the next letter overtakes is called off; htmx says so on the console."""
    errors = [each for each in findings.errors if "htmx:sendAbort" not in each and "afterRequest" not in each]
    return findings.axe, findings.policy, errors


def test_words_are_taken_or_left_by_keyboard(person: Person, findings: PageFindings) -> None:
    reader = person(BI.email, "light")
    reader.open("search/")
    box, offers = reader.page.locator("#q"), reader.page.locator("#offers [role=option]")
    reader.press("/")
    reader.page.keyboard.type("settl")
    expect(offers.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    reader.check_page()

    reader.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "offer-1")
    reader.press("Escape")
    expect(reader.page.locator("#offers")).to_be_hidden()
    expect(box).to_be_focused()

    reader.page.keyboard.type("e")
    expect(offers.first).to_be_visible()
    reader.press("ArrowDown", "Enter")
    expect(reader.page.locator("#found")).to_contain_text("result")
    assert box.input_value().startswith("settle")
    assert without_aborts(findings) == ([], [], [])


def test_filters_and_products_are_taken_by_keyboard(person: Person, findings: PageFindings) -> None:
    reader = person(BI.email, "dark")
    reader.open("search/")
    box, offers = reader.page.locator("#q"), reader.page.locator("#offers [role=option]")
    reader.press("/")
    reader.page.keyboard.type("claims tie")
    expect(offers.last).to_contain_text("tier:")
    reader.press("ArrowUp", "Enter")
    expect(offers.first).to_contain_text("Bronze")
    reader.press("ArrowDown", "ArrowDown", "ArrowUp", "Enter")
    chip = reader.page.locator("#results .search-note a.tag")
    expect(chip).to_have_count(1)
    reader.check_page()

    chip.focus()
    reader.press("Enter")
    expect(box).to_have_value("claims")

    box.focus()
    reader.press("ControlOrMeta+a")
    reader.page.keyboard.type("life exp")
    expect(offers.first).to_contain_text("Life Expectancy")
    reader.press("ArrowDown", "Enter")
    reader.page.wait_for_url("**/data-products/life-expectancy/")
    reader.check_page()
    assert without_aborts(findings) == ([], [], [])


def test_a_phrase_is_completed_and_what_was_typed_stays_until_it_is(
    person: Person, findings: PageFindings
) -> None:
    reader = person(BI.email, "light")
    reader.open("search/")
    box, offers = reader.page.locator("#q"), reader.page.locator("#offers [role=option]")
    reader.press("/")
    reader.page.keyboard.type("cust")
    expect(offers.first).to_contain_text("Customer 360")
    reader.press("ArrowDown", "ArrowDown")
    expect(offers.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_value("cust")

    reader.press("ControlOrMeta+a")
    reader.page.keyboard.type('"life pol')
    expect(offers).to_have_text(["policy"])
    reader.press("ArrowDown", "Enter")
    expect(reader.page.locator("#found")).to_contain_text("result")
    expect(box).to_have_value('"life policy"')
    assert without_aborts(findings) == ([], [], [])
