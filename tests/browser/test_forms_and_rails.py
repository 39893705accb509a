"""Main buttons are in view, and after Back a page shows what belongs to its restored fields."""

import pytest
from playwright.sync_api import Page, expect

from demo.journey.verdict_roles import BI, PRODUCT
from tests.browser.conftest import Person

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
OWNER = "jonas.weber@harbour.example"
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
