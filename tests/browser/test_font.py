"""The font has the letters of the pages, and comes without a layout shift."""

import pytest

from demo.journey.verdict_roles import BI, PRODUCT
from tests.browser.conftest import Person

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
SHIFT = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(0), 1000);
})"""


def test_the_font_comes_without_a_layout_shift(person: Person) -> None:
    ana = person(BI.email, "light")
    ana.open(f"data-products/{PRODUCT}/")
    assert ana.page.evaluate("document.fonts.ready.then(() => document.fonts.check('14px Inter', 'äß€'))")
    assert ana.page.evaluate(SHIFT) < 0.01
