"""What was typed is not lost when the login ends before it is sent; whoever else signs in there does not see it."""

import pytest
from playwright.sync_api import Page, expect

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings
from tests.browser.test_story import find_product
from tests.demo_process import RunningDemo

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
WORDS = "Longevity chart for the annual report"
COLLEAGUE = "tom.brandt@harbour.example"
"""Of the same team: the same page is open to both."""


def open_request_form(reader: KeyboardUser) -> str:
    """The page on which a table is asked for, its purpose written; returns its address."""
    find_product(reader)
    reader.press("m")
    reader.follow("a[data-primary-action]")
    reader.page.fill("#id_purpose", WORDS)
    reader.page.locator("input[name=columns]").first.check()
    expect(reader.page.locator("#ahead [data-impossible]")).to_have_count(0)
    return str(reader.page.url)


def sign_in(page: Page, email: str, password: str) -> None:
    page.fill("#id_username", email)
    page.fill("#id_password", password)
    page.locator("form", has=page.locator("#id_password")).locator("[type=submit]").click()


def test_words_come_back_after_signing_in_anew(person: Person, running_demo: RunningDemo) -> None:
    reader = person(BI.email, "light")
    page, address = reader.page, open_request_form(reader)
    page.context.clear_cookies(name="sessionid")
    page.locator("form[data-request-form] button.primary").click()
    sign_in(page, BI.email, running_demo.password)
    expect(page).to_have_url(address)
    expect(page.locator("#id_purpose")).to_have_value(WORDS)
    expect(page.locator("#unsent")).to_contain_text("Not sent yet")
    page.reload()
    expect(page.locator("#id_purpose")).to_have_value("")
    expect(page.locator("#unsent")).to_be_hidden()


def test_a_comment_leads_back_to_the_page_of_its_form(person: Person, running_demo: RunningDemo) -> None:
    page = person(BI.email, "light").page
    page.goto(f"{running_demo.url}access-requests/")
    page.locator("main a[href^='/access-requests/']").first.click()
    page.wait_for_url("**/access-requests/*/")
    address = page.url
    form = page.locator("form[action*=comment]").first
    form.locator("textarea").fill(WORDS)
    page.context.clear_cookies(name="sessionid")
    form.locator("button").click()
    sign_in(page, BI.email, running_demo.password)
    expect(page).to_have_url(address)
    expect(form.locator("textarea")).to_have_value(WORDS)


def test_another_person_does_not_see_the_words(
    person: Person, running_demo: RunningDemo, findings: PageFindings
) -> None:
    reader = person(BI.email, "light")
    page, address = reader.page, open_request_form(reader)
    page.context.clear_cookies(name="sessionid")
    page.locator("form[data-request-form] button.primary").click()
    sign_in(page, COLLEAGUE, running_demo.password)
    expect(page).to_have_url(address)
    expect(page.locator("#unsent")).to_be_hidden()
    assert page.input_value("#id_purpose") == ""
    assert page.evaluate("sessionStorage.getItem('unsent')") is None
    assert findings.policy == []
