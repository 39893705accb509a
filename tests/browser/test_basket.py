"""The basket by keyboard alone: two products of two owners collected, one request sent; each page by axe's judgement."""

import pytest

from demo.journey.consumers import BI, PRODUCT
from tests.browser.conftest import Person
from tests.browser.keyboard import Findings, Keyboard

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
OTHER = "fraud-scores"


def collect(ana: Keyboard, product: str) -> None:
    ana.goto(f"data-products/{product}/")
    ana.choose(f'form[action="/data-products/{product}/add-to-basket/"] button')


@pytest.mark.parametrize("width", [1280, 390])
def test_what_was_collected_is_asked_for_at_once(person: Person, findings: Findings, width: int) -> None:
    ana = person(BI.email, "dark" if width == 390 else "light")
    ana.page.set_viewport_size({"width": width, "height": 844})
    collect(ana, PRODUCT)
    collect(ana, OTHER)
    ana.goto("")
    ana.go_to("b")
    assert ana.page.locator(".collected > li").count() > 1
    assert not ana.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    ana.write("#id_purpose", "Which customers hold both a policy and a card")
    # Enter in the field of the end sends; it must not take out the table whose button stands first.
    ana.reach("#id_ends_on")
    ana.through(lambda: ana.press("Enter"))
    assert "/access-requests/" in ana.page.url
    assert ana.page.locator("#story > section").count() > 1
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
