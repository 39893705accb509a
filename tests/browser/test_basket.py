"""The basket by keyboard alone: two products of two owners collected, one request sent; each page by axe's judgement."""

import pytest

from demo.journey.verdict_roles import BI, PRODUCT
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
OTHER = "fraud-scores"


def collect(ana: KeyboardUser, product: str) -> None:
    ana.open(f"data-products/{product}/")
    ana.follow(f'form[action="/data-products/{product}/add-to-basket/"] button')


def choose_columns(ana: KeyboardUser) -> None:
    """Of each table of which none is chosen yet."""
    links = ana.page.locator(".collected a", has_text="Choose columns")
    while links.count():
        ana.navigate(lambda: links.first.press("Enter"))
        ana.reach("[data-select-columns=usual]")
        ana.press("Enter")
        ana.follow("button[value=basket]")


@pytest.mark.parametrize("width", [1280, 390])
def test_what_was_collected_is_asked_for_at_once(person: Person, findings: PageFindings, width: int) -> None:
    ana = person(BI.email, "dark" if width == 390 else "light")
    ana.page.set_viewport_size({"width": width, "height": 844})
    collect(ana, PRODUCT)
    collect(ana, OTHER)
    ana.open("")
    ana.press_shortcut("b")
    assert ana.page.locator(".collected > li").count() > 1
    assert ana.page.locator("#ask-button button").count() == 0
    choose_columns(ana)
    assert ana.page.locator("#ask-button button").count() == 1
    assert not ana.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    ana.type_into("#id_purpose", "Which customers hold both a policy and a card")
    # Enter in the field of the end sends; it must not take out the table whose button stands first.
    ana.reach("#id_ends_on")
    ana.navigate(lambda: ana.press("Enter"))
    assert "/access-requests/" in ana.page.url
    assert ana.page.locator("#story > section").count() > 1
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
