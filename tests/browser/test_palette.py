"""The command palette opens with Ctrl+K, finds while typing, and opens what it found, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings
from tests.browser.test_completion import without_aborts

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]


def test_a_page_is_reached_by_a_few_letters(person: Person, findings: PageFindings) -> None:
    reader = person(BI.email, "dark")
    reader.open("")
    entries = reader.page.locator("#palette .palette-entry")
    reader.press("ControlOrMeta+k")
    expect(entries.first).to_be_visible()
    expect(reader.page.locator("#palette-q")).to_be_focused()
    reader.check_page()

    reader.press("Escape")
    expect(reader.page.locator("#palette")).to_be_hidden()
    reader.press("ControlOrMeta+k")
    reader.page.keyboard.type("gloss")
    expect(entries.first).to_contain_text("Glossary")
    reader.navigate(lambda: reader.press("Enter"))
    assert reader.page.url.endswith("/glossary/")

    reader.press("ControlOrMeta+k")
    reader.page.keyboard.type("life exp")
    expect(reader.page.locator("#palette", has_text="Life Expectancy")).to_be_visible()
    reader.press("ArrowDown")
    expect(entries.first).to_be_focused()
    reader.navigate(lambda: reader.press("Enter"))
    assert reader.page.url.endswith("/data-products/life-expectancy/")
    assert without_aborts(findings) == ([], [], [])
