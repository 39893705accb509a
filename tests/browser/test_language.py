"""The pages in German, chosen by keyboard: read on a phone without an accessibility violation or sideways scrolling."""

from collections.abc import Iterator

import pytest

from demo.journey.verdict_roles import BI
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
WIDER_THAN_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PATHS = ("", "search/?q=claims", "access-requests/", "grants/", "settings/notifications/", "go/")


def choose(reader: KeyboardUser, letters: str) -> None:
    reader.open("profile/")
    reader.reach("#id_language")
    reader.page.keyboard.type(letters)
    reader.navigate(lambda: reader.press("Tab", "Enter"))


@pytest.fixture
def german_reader(person: Person) -> Iterator[KeyboardUser]:
    reader = person(BI.email, "dark")
    reader.page.set_viewport_size({"width": 360, "height": 844})
    choose(reader, "Deu")
    yield reader
    choose(reader, "Wie")


def test_pages_are_read_in_german_on_a_phone(german_reader: KeyboardUser, findings: PageFindings) -> None:
    wide = []
    for path in PATHS:
        german_reader.open(path)
        assert german_reader.page.locator("html").get_attribute("lang") == "de"
        if german_reader.page.evaluate(WIDER_THAN_SCREEN):
            wide.append(path)
    assert (wide, findings.axe, findings.policy, findings.errors) == ([], [], [], [])
