"""The pages of the API: nothing for axe, the policy or the console to report."""

import pytest

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
@pytest.mark.parametrize("address", ["api/docs/", "api/docs/operations/access-requests/"])
def test_the_pages_of_the_api_are_clean(
    person: Person, findings: PageFindings, address: str, scheme: str, width: int
) -> None:
    reader = person(BI.email, scheme)
    reader.page.set_viewport_size({"width": width, "height": 844})
    reader.page.goto(f"{reader.url}{address}")
    reader.check_page()
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
    assert not reader.page.evaluate("document.documentElement.scrollWidth > innerWidth")
