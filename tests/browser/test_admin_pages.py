"""Django's administration, as the governance admin sees it: nothing for axe or the content policy to report."""

import pytest

from demo.journey.consumers import GOVERNANCE_ADMIN
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings

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


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_the_administration_is_clean(person: Person, findings: PageFindings, scheme: str, width: int) -> None:
    admin = person(GOVERNANCE_ADMIN, scheme)
    admin.page.set_viewport_size({"width": width, "height": 900})
    for path in PATHS:
        findings.policy.clear()
        admin.page.goto(f"{admin.url}{path}")
        admin.page.wait_for_timeout(SETTLE_MILLISECONDS)
        # Read before axe: its own probes of select2's fields write inline styles.
        assert (findings.policy, findings.errors) == ([], []), path
        admin.check_page()
        findings.errors.clear()
        assert not admin.page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
    assert findings.axe == []
