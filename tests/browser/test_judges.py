"""The judges of the browser stories can say no."""

import pytest

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import PageFindings

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]


def test_a_broken_page_is_found(person: Person, findings: PageFindings) -> None:
    reader = person(BI.email, "light")
    assert (findings.axe, findings.policy) == ([], [])
    reader.page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/favicon.ico\">')"
    )
    reader.page.evaluate("document.body.setAttribute('style', 'color: red')")
    reader.check_page()
    reader.page.wait_for_timeout(300)
    assert [found for found in findings.axe if "image-alt" in found]
    assert [found for found in findings.policy if found.startswith("style-src")]
    assert [found for found in findings.policy if found.startswith("report: ")]
