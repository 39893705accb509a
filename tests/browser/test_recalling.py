"""Searches come back by keyboard alone: the last ones from the empty box, saved ones by their name."""

import pytest
from playwright.sync_api import expect

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings
from tests.browser.test_completion import without_aborts

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]


def test_the_last_search_and_a_saved_one_are_taken_by_keyboard(
    person: Person, findings: PageFindings
) -> None:
    reader = person(BI.email, "light")
    reader.open("search/?q=mortgages&tier=gold")
    box, offers = reader.page.locator("#q"), reader.page.locator("#offers [role=option]")
    reader.page.locator(".save-search > summary").focus()
    reader.press("Enter")
    reader.page.locator("#keep-name").fill("Loans of mine")
    reader.check_page()
    reader.press("Escape")
    expect(reader.page.locator("#keep-name")).to_be_hidden()
    expect(reader.page.locator(".save-search > summary")).to_be_focused()
    reader.press("Enter", "Tab")
    expect(reader.page.locator("#keep-name")).to_have_value("Loans of mine")
    reader.press("Enter")
    expect(reader.page.locator(".result-bar")).to_contain_text("Loans of mine")

    reader.open("search/")
    reader.press("/", "ArrowDown")
    expect(offers.first).to_contain_text("Loans of mine")
    expect(offers.last).to_contain_text("recent")
    reader.check_page()
    reader.press("ArrowDown", "Enter")
    reader.page.wait_for_url("**/?q=mortgages&tier=gold")
    expect(box).to_have_value("mortgages")

    reader.open("saved-searches/")
    reader.page.get_by_role("button", name="Delete Loans of mine").focus()
    reader.press("Enter")
    expect(reader.page.locator(".toasts", has_text="was deleted")).to_be_visible()
    assert without_aborts(findings) == ([], [], [])


def test_the_tree_opens_by_keyboard_and_goes_back(person: Person, findings: PageFindings) -> None:
    reader = person(BI.email, "dark")
    reader.open("domains/")
    insurance = reader.page.locator("#twig-insurance")
    insurance.focus()
    reader.press("Enter")
    expect(insurance).to_have_attribute("aria-expanded", "true")
    expect(insurance).to_be_focused()
    expect(reader.page.get_by_role("link", name="Premium Income")).to_be_visible()
    reader.check_page()

    reader.page.go_back()
    expect(insurance).to_have_attribute("aria-expanded", "false")
    assert without_aborts(findings) == ([], [], [])
