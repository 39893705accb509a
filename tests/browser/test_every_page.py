"""Every page, in both themes, wide and narrow: nothing for axe, the policy or the console to say."""

import pytest

from demo.journey.consumers import BI, GOVERNANCE_ADMIN, PRODUCER, PRODUCT
from tests.browser.conftest import Person
from tests.browser.keyboard import Findings

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
PAGES = {
    BI.email: ("", "?q=claims&tier=gold", "?q=zzzz", f"products/{PRODUCT}/", "tables/1/", "tables/1/request/",
               "requests/", "access/", "keys/", "demo/tour/", "styleguide/", "?q=indemnity", "searches/", "glossary/",
               "glossary/claim/", "tree/?open=insurance", "tree/?by=catalog"),
    PRODUCER: ("inbox/", f"products/{PRODUCT}/access/", "products/claims/access/", "products/claims/",
               "products/claims/offers/write/", "notices/", "delegations/", "campaigns/start/"),
    GOVERNANCE_ADMIN: ("demo/break/", "requests/1/", "reviews/1/", "access/1/revoke/"),
}  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_clean(person: Person, findings: Findings, scheme: str, width: int) -> None:
    for email, paths in PAGES.items():
        reader = person(email, scheme)
        reader.page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            reader.goto(path)
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])


def test_no_page_scrolls_sideways_on_a_phone(person: Person) -> None:
    wide = []
    for email, paths in PAGES.items():
        reader = person(email, "light")
        reader.page.set_viewport_size({"width": 390, "height": 844})
        for path in paths:
            reader.goto(path)
            if reader.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path)
    assert wide == []
