"""Django's administration, as the governance admin sees it: nothing for axe or the content policy to report."""

import pytest

from demo.journey.verdict_roles import GOVERNANCE_ADMIN
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings
from tests.browser.page_judges import DESKTOP, find_sideways_scrolling, resize

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
PATHS = (
    "admin/",
    "admin/identity/person/",
    "admin/identity/person/1/change/",
    "admin/identity/team/1/change/",
    "admin/catalog/dataproduct/",
    "admin/catalog/dataproduct/1/change/",
)
SETTLE_MILLISECONDS = 500
"""select2 and our names for its fields come after the load."""


def test_the_administration_is_clean(person: Person, findings: PageFindings) -> None:
    """Each page is loaded once, and judged in a light window and on a dark phone."""
    admin = person(GOVERNANCE_ADMIN, "light")
    for path in PATHS:
        findings.policy.clear()
        admin.page.emulate_media(color_scheme="light")
        resize(admin.page, DESKTOP)
        admin.page.goto(f"{admin.url}{path}")
        admin.page.wait_for_timeout(SETTLE_MILLISECONDS)
        # Read before axe: its own probes of select2's fields write inline styles.
        assert (findings.policy, findings.errors) == ([], []), path
        admin.check_page()
        admin.page.emulate_media(color_scheme="dark")
        assert find_sideways_scrolling(admin.page) == [], path
        admin.check_page()
        findings.errors.clear()
    assert findings.axe == []
