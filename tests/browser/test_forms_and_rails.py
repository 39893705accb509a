"""Main buttons are in view, and after Back a page shows what belongs to its restored fields."""

import pytest
from playwright.sync_api import Page, expect

from demo.journey.verdict_roles import BI, PRODUCT
from tests.browser.conftest import Person

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
OWNER = "jonas.weber@harbour.example"
MOST_CLICKS = 5
FIND_RAIL_FAULTS = """() => {
  const faults = [];
  for (const rail of document.querySelectorAll(".sticky:not(.feed-panel)")) {
    if (rail.scrollHeight > rail.clientHeight + 1) faults.push("cut");
    const button = rail.querySelector(".btn.primary");
    if (!button) continue;
    const { top, bottom } = button.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) faults.push(`${button.textContent.trim()} at ${Math.round(top)}`);
    const hit = document.elementFromPoint(button.getBoundingClientRect().left + 4, (top + bottom) / 2);
    if (!button.contains(hit)) faults.push("covered");
  }
  return faults;
}"""


def open_each(page: Page, url: str, paths: list[str]) -> dict[str, list[str]]:
    page.set_viewport_size({"width": 1440, "height": 900})
    found = {}
    for path in paths:
        assert page.goto(url + path).status == 200, path
        assert page.locator(".sticky").count() or "basket" in path, path
        found[path] = page.evaluate(FIND_RAIL_FAULTS)
    return {path: faults for path, faults in found.items() if faults}


def test_no_rail_hides_its_button_or_cuts_its_text(person: Person) -> None:
    ana, jonas = person(BI.email, "light"), person(OWNER, "light")
    page = ana.page
    page.goto(f"{ana.url}data-products/{PRODUCT}/")
    page.locator(f'form[action="/data-products/{PRODUCT}/add-to-basket/"] button').click()
    page.wait_for_url("**/basket*/**")
    table = page.locator(".collected a.title").first.get_attribute("href") or ""
    basket = page.url.removeprefix(ana.url)
    number = table.strip("/").rsplit("/", 1)[1]
    assert (
        open_each(
            page,
            ana.url,
            [
                f"access-requests/new/?table={number}",
                "access-requests/new/?database=1",
                basket,
                f"tables/{number}/",
            ],
        )
        == {}
    )
    assert (
        open_each(jonas.page, jonas.url, [f"offers/new/?data_product={PRODUCT}", f"tables/{number}/"]) == {}
    )


def test_after_back_the_request_form_shows_what_belongs_to_its_fields(person: Person) -> None:
    ana = person(BI.email, "light")
    page = ana.page
    page.goto(f"{ana.url}access-requests/new/?table=1")
    page.locator("#id_purpose").fill("Check the figures")
    for box in page.locator("input[name=columns]:enabled").all()[:2]:
        box.check()
    expect(page.locator("[data-submit]")).to_be_enabled()
    expect(page.locator("[data-submit-label]")).to_contain_text("2 columns")
    page.goto(f"{ana.url}search/")
    page.go_back()
    expect(page.locator("#id_purpose")).to_have_value("Check the figures")
    expect(page.locator("[data-submit-label]")).to_contain_text("2 columns")
    expect(page.locator("[data-submit]")).to_be_enabled()
    expect(page.locator("[data-impossible]")).to_have_count(0)


def test_a_first_request_takes_five_clicks_from_home(person: Person) -> None:
    ana = person(BI.email, "light")
    page, clicks = ana.page, 0
    page.goto(ana.url)

    def click(selector: str) -> None:
        nonlocal clicks
        page.locator(selector).first.click()
        clicks += 1

    page.keyboard.press("/")
    page.keyboard.type("customer 360")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with page.expect_navigation():
        click('a[href^="/access-requests/new/?table="]')
    page.keyboard.type("Segments for the spring campaign")
    click("[data-select-columns=usual]")
    expect(page.locator("[data-submit]")).to_be_enabled()
    with page.expect_navigation():
        click("[data-submit]")
    assert "/access-requests/" in page.url
    assert clicks <= MOST_CLICKS
    page.locator("button", has_text="Withdraw").click()


def test_an_extension_is_one_step(person: Person) -> None:
    ana = person(BI.email, "light")
    page = ana.page
    page.goto(f"{ana.url}grants/")
    page.locator('a[href*="extends="]').first.click()
    expect(page.locator("h1")).to_contain_text("Extend access to")
    expect(page.locator("[data-submit-label]")).to_contain_text("Extend until")
    expect(page.locator("#id_purpose")).not_to_be_empty()
    assert page.locator("main input[type=checkbox]").count() == 0
