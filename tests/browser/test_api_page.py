"""The page of the API, when Swagger UI has drawn it: nothing for axe, the policy or the console to report."""

import pytest

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_the_page_of_the_api_is_clean(
    person: Person, findings: PageFindings, scheme: str, width: int
) -> None:
    reader = person(BI.email, scheme)
    reader.page.set_viewport_size({"width": width, "height": 844})
    reader.page.goto(f"{reader.url}api/docs/")
    reader.page.locator(".opblock-tag").first.wait_for()
    reader.check_page()
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
    assert not reader.page.evaluate("document.documentElement.scrollWidth > innerWidth")
