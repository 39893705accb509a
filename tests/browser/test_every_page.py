"""The main pages of the running demo, loaded once: in both themes, wide and narrow, nothing for axe, the policy or the
console to say. `test_every_address` judges every page of a smaller mesh.
"""

from collections.abc import Iterator

import pytest

from demo.journey.verdict_roles import BI, GOVERNANCE_ADMIN, PRODUCER, PRODUCT
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings
from tests.browser.page_judges import (
    DESKTOP,
    STICKY,
    find_covered_controls,
    find_covered_focus,
    find_sideways_scrolling,
    resize,
)

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
PAGES = {
    BI.email: ("", "search/?q=claims&tier=gold", "search/?q=zzzz", f"data-products/{PRODUCT}/", "tables/1/", "access-requests/new/?table=1",
               "access-requests/", "grants/", "help/shortcuts/", "demo/tour/", "styleguide/", "search/?q=indemnity", "saved-searches/", "glossary/",
               "glossary/claim/", "domains/?open=insurance", "catalogs/", "break-glass/", "baskets/", "notifications/",
               "access-requests/new/?tag=classification%3Dpublic", "grants/?show=ended", "people/1/", "teams/insurance-data/", "teams/bi/", "domains/insurance/"),
    PRODUCER: ("reviews/", f"data-products/{PRODUCT}/access/", "data-products/claims/access/", "data-products/claims/",
               "offers/new/?data_product=claims", f"data-products/{PRODUCT}/offers/", "notifications/", "settings/notifications/", "delegations/", "access-reviews/", "access-reviews/new/",
               "break-glass/consents/new/?domain=insurance", "policies/insurance/"),
    GOVERNANCE_ADMIN: ("demo/break/", "access-requests/1/", "reviews/1/", "grants/1/revoke/", "break-glass/", "policies/",
                       "policies/global/", "health/", "sync-runs/", "accounts/", "permissions/", "grants/1/proof/", "delegations/"),
}  # fmt: skip
ZOOMED = {
    BI.email: ("access-requests/new/?table=1", f"data-products/{PRODUCT}/", "notifications/"),
    PRODUCER: ("reviews/", f"data-products/{PRODUCT}/access/"),
    GOVERNANCE_ADMIN: ("reviews/1/", "policies/global/"),
}
"""Those whose controls are all given the focus, in a full window and at 200 % zoom."""


def judge_page(reader: KeyboardUser, path: str, *, is_phone: bool, is_zoomed: bool) -> Iterator[str]:
    """In a light window and on a dark phone, all on one load; axe, which tells the findings, in one of the two."""
    page = reader.page
    page.emulate_media(color_scheme="light")
    resize(page, DESKTOP)
    page.goto(reader.url + path)
    if not is_phone:
        reader.check_page()
    yield from find_covered_controls(page)
    page.emulate_media(color_scheme="dark")
    yield from find_sideways_scrolling(page)
    yield from find_covered_controls(page)
    if is_phone:
        reader.check_page()
    if is_zoomed:
        yield from find_covered_focus(page)


def test_every_page_is_clean_and_its_controls_are_in_reach(person: Person, findings: PageFindings) -> None:
    wrong = []
    for email, paths in PAGES.items():
        reader = person(email, "light")
        for number, path in enumerate(paths):
            told = judge_page(reader, path, is_phone=number % 2 == 1, is_zoomed=path in ZOOMED[email])
            wrong += [(path, one) for one in told]
    assert {path for paths in ZOOMED.values() for path in paths} <= {
        path for paths in PAGES.values() for path in paths
    }
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
    assert wrong == []


def test_a_bar_stays_in_sight_in_a_full_window(person: Person) -> None:
    """And none at 200 % zoom, which `find_covered_focus` tells."""
    reader = person(BI.email, "light")
    resize(reader.page, DESKTOP)
    reader.page.goto(f"{reader.url}access-requests/new/?table=1")
    assert reader.page.evaluate(STICKY)
