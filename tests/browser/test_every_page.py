"""Every page, in both themes, wide and narrow: nothing for axe, the policy or the console to say."""

from collections.abc import Iterator, Sequence

import pytest

from demo.journey.consumers import BI, GOVERNANCE_ADMIN, PRODUCER, PRODUCT
from demo.screenshots.pages import find_pages, get_page_name
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings

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
PHONE_WIDTH = 360
COVERED = """() => [...document.querySelectorAll("main a[href], main button, main summary")].filter((control) => {
  if (control.ariaHidden === "true" || !control.checkVisibility({visibilityProperty: true})) return false;
  control.scrollIntoView({block: "center", inline: "center"});
  const [box] = control.getClientRects();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return top && !control.contains(top);
}).map((control) => control.outerHTML.slice(0, 120))"""
"""Controls that a click of the mouse does not reach, as something else lies over them."""


def open_as_each(
    person: Person, scheme: str, width: int
) -> Iterator[tuple[KeyboardUser, Sequence[str], list[str]]]:
    """Each person with their `PAGES` and, for each other name that links lead to, one page."""
    known: set[str] = {get_page_name(f"/{path}") for paths in PAGES.values() for path in paths}
    for email, paths in PAGES.items():
        reader = person(email, scheme)
        reader.page.set_viewport_size({"width": width, "height": 844})
        linked = find_pages(reader.fetch, email, known)
        known.update(page.name for page in linked)
        yield reader, paths, [page.path.removeprefix("/") for page in linked]


def is_wider_than_its_window(reader: KeyboardUser) -> bool:
    return bool(reader.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", PHONE_WIDTH)])
def test_every_page_is_clean_and_its_controls_are_in_reach(
    person: Person, findings: PageFindings, scheme: str, width: int
) -> None:
    """Of the pages that links lead to, axe judges none here: `test_every_address` has it judge every page."""
    wide, covered = [], []
    for reader, paths, linked in open_as_each(person, scheme, width):
        for path in paths:
            reader.open(path)
            wide += [path] if is_wider_than_its_window(reader) else []
            covered += [(path, control) for control in reader.page.evaluate(COVERED)]
        for path in linked:
            reader.page.goto(reader.url + path)
            wide += [path] if is_wider_than_its_window(reader) else []
            if width > PHONE_WIDTH:
                covered += [(path, control) for control in reader.page.evaluate(COVERED)]
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
    assert (wide, covered) == ([], [])
