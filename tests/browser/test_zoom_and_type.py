"""At 200 % zoom and in a full window nothing covers what has the focus; the font comes without a layout shift."""

import pytest

from demo.journey.consumers import BI, GOVERNANCE_ADMIN, PRODUCER, PRODUCT
from tests.browser.conftest import Person

pytestmark = [pytest.mark.all, pytest.mark.browser, pytest.mark.xdist_group("demo")]
FULL_WINDOW, AT_DOUBLE_ZOOM = (1440, 900), (720, 450)
PAGES = {
    BI.email: ("access-requests/new/?table=1", f"data-products/{PRODUCT}/", "notifications/"),
    PRODUCER: ("reviews/", f"data-products/{PRODUCT}/access/"),
    GOVERNANCE_ADMIN: ("reviews/1/", "policies/global/"),
}
COVERED_FOCUS = """() => [...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)")].filter((control) => {
  if (!control.checkVisibility({visibilityProperty: true}) || control.disabled || control.tabIndex < 0) return false;
  control.focus();
  if (document.activeElement !== control) return false;
  return ![...control.getClientRects()].some((box) => {
    const middle = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(box.x + box.width / 2, middle);
    return top && (control.contains(top) || top.contains(control) || control.labels?.[0]?.contains(top));
  });
}).map((control) => control.outerHTML.slice(0, 120))"""
"""Controls that are out of view or under something else while they have the focus."""
STICKY = """() => [...document.querySelectorAll("body *")].filter((one) =>
  ["sticky", "fixed"].includes(getComputedStyle(one).position) && one.checkVisibility() && one.clientHeight > 2
).map((one) => one.outerHTML.slice(0, 120))"""
SHIFT = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(0), 1000);
})"""


@pytest.mark.parametrize("size", [FULL_WINDOW, AT_DOUBLE_ZOOM])
def test_nothing_covers_the_focus(person: Person, size: tuple[int, int]) -> None:
    covered, sticky = [], []
    for email, paths in PAGES.items():
        reader = person(email, "light")
        reader.page.set_viewport_size({"width": size[0], "height": size[1]})
        for path in paths:
            reader.page.goto(reader.url + path)
            covered += [(path, control) for control in reader.page.evaluate(COVERED_FOCUS)]
            sticky += [(path, bar) for bar in reader.page.evaluate(STICKY)]
    assert covered == []
    assert bool(sticky) == (size == FULL_WINDOW)


def test_the_font_comes_without_a_layout_shift(person: Person) -> None:
    ana = person(BI.email, "light")
    ana.open(f"data-products/{PRODUCT}/")
    assert ana.page.evaluate("document.fonts.ready.then(() => document.fonts.check('14px Inter', 'äß€'))")
    assert ana.page.evaluate(SHIFT) < 0.01
