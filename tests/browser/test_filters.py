"""The filters of a search: folded on a phone, and left as a person left them."""

import pytest
from playwright.sync_api import expect

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings
from tests.browser.test_completion import without_aborts

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]


def test_filters_are_folded_on_a_phone_and_stay_open_while_they_are_chosen(
    person: Person, findings: PageFindings
) -> None:
    reader = person(BI.email, "dark")
    reader.page.set_viewport_size({"width": 390, "height": 844})
    reader.open("search/?tier=gold")
    fold, domain = reader.page.locator(".facets-fold > summary"), reader.page.locator("#facet-domain")
    expect(domain).not_to_be_visible()
    expect(fold).to_have_text("Filters 1")

    fold.focus()
    reader.press("Enter")
    reader.page.locator(".facet", has=domain).get_by_role("link", name="Insurance").focus()
    reader.press("Enter")
    reader.page.wait_for_url("**/?*domain=insurance*")
    expect(fold).to_have_text("Filters 2")
    expect(domain).to_be_visible()
    reader.check_page()
    assert without_aborts(findings) == ([], [], [])


def test_facets_stay_folded_in_this_browser(person: Person, findings: PageFindings) -> None:
    reader = person(BI.email, "light")
    reader.open("search/?q=life")
    summary = reader.page.locator("details[data-facet=domain] > summary")
    values = reader.page.locator("details[data-facet=domain] > ul")
    expect(values).to_be_visible()

    summary.focus()
    reader.press("Enter")
    expect(values).not_to_be_visible()
    reader.open("search/?q=life")
    expect(values).not_to_be_visible()
    tier = reader.page.locator("details[data-facet=tier] a").first
    expect(tier).not_to_be_visible()
    reader.page.locator("#more-filters > summary").focus()
    reader.press("Enter")
    tier.focus()
    reader.press("Enter")
    reader.page.wait_for_url("**tier=*")
    expect(tier).to_be_visible()
    expect(values).not_to_be_visible()

    summary.focus()
    reader.press("Enter")
    reader.open("search/?q=life")
    expect(values).to_be_visible()
    assert without_aborts(findings) == ([], [], [])
