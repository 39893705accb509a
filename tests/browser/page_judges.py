"""What a browser says of a page that it has loaded once, at each size and in each theme."""

from playwright.sync_api import Page

from tests.browser.keyboard_user import AXE

DESKTOP, DOUBLE_ZOOM, PHONE = (1440, 900), (720, 450), (360, 844)
VIOLATIONS = """async () => (await axe.run(document, {preload: false, resultTypes: ["violations"]})).violations.map((one) =>
  `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join("; ")}`)"""
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
COVERED = """() => [...document.querySelectorAll("main a[href], main button, main summary")].filter((control) => {
  if (control.ariaHidden === "true" || !control.checkVisibility({visibilityProperty: true})) return false;
  control.scrollIntoView({block: "center", inline: "center"});
  const [box] = control.getClientRects();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return top && !control.contains(top);
}).map((control) => control.outerHTML.slice(0, 120))"""
"""Controls that a click of the mouse does not reach, as something else lies over them."""
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


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def find_violations(page: Page) -> list[str]:
    """What axe says of the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return [f"axe: {one}" for one in page.evaluate(VIOLATIONS)]


def find_sideways_scrolling(page: Page) -> list[str]:
    resize(page, PHONE)
    return ["scrolls sideways on a phone"] if page.evaluate(SCROLLS_SIDEWAYS) else []


def find_covered_controls(page: Page) -> list[str]:
    return [f"covered: {one}" for one in page.evaluate(COVERED)]


def find_covered_focus(page: Page) -> list[str]:
    """In a full window, and at 200 % zoom, where nothing may stay in the way."""
    found = []
    for size in (DESKTOP, DOUBLE_ZOOM):
        resize(page, size)
        found += [f"covered at {size} with the focus: {one}" for one in page.evaluate(COVERED_FOCUS)]
    return found + [f"sticky at 200 %: {one}" for one in page.evaluate(STICKY)]
