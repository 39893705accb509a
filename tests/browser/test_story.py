"""One story by keyboard alone: asked, approved, proven, revoked; each page by axe's judgement, under the strict policy."""

import re

import pytest
from playwright.sync_api import Locator, expect

from demo.journey import aws_state
from demo.journey.verdict_roles import BI, DATABASE, PRODUCER, PRODUCT, TABLE
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings
from tests.demo_process import RunningDemo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
ROLE = "arn:aws:iam::310000000001:role/bi-reporting"
MOST_PRESSES = 20
"""For a first request, besides the text that is typed."""
SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.all)]


def find_product(person: KeyboardUser) -> None:
    person.press("/")
    person.page.keyboard.type("life expectancy")
    person.navigate(lambda: person.press("Enter"))
    person.press("j")
    person.follow(f'a[href="/data-products/{PRODUCT}/"]')


def ask(ana: KeyboardUser) -> str:
    """From search to the request's page; returns its path."""
    find_product(ana)
    ana.press("m")
    ana.follow("a[data-primary-action]")
    expect(ana.page.locator("#id_purpose")).to_be_focused()
    expect(ana.page.locator("#ahead")).to_contain_text("decides.")
    ana.page.keyboard.type("Longevity chart for the annual report")
    ana.reach("#id_principal")
    ana.page.keyboard.type("bi-reporting")
    ana.reach("[data-select-columns=usual]")
    ana.press("Enter")
    expect(ana.page.locator("#ahead [data-impossible]")).to_have_count(0)
    ana.navigate(lambda: ana.press("Control+Enter"))
    assert "Waiting for review" in ana.read_text("#story [role=status]")
    return str(ana.page.url)


def approve(jonas: KeyboardUser) -> None:
    """From the inbox to the decision on the newest request."""
    jonas.press_shortcut("i")
    links = jonas.page.locator('a[href^="/reviews/"]')
    numbers = [re.fullmatch(r"/reviews/(\d+)/", path) for path in hrefs(links.all())]
    newest = max(int(found[1]) for found in numbers if found)
    jonas.follow(f'a[href="/reviews/{newest}/"]')
    assert "What you approve" in jonas.read_text("main")
    jonas.follow("button[value=approve]")


def revoke(jonas: KeyboardUser) -> None:
    """From the product's page, over who has access, to the reason."""
    jonas.press_shortcut("h")
    find_product(jonas)
    jonas.follow(f'a[href="/data-products/{PRODUCT}/access/"]')
    links = hrefs(jonas.page.locator('a[href^="/grants/"][href*="/revoke/"]', has_text="bi-reporting").all())
    jonas.follow(f'a[href="{links[0]}"]')
    jonas.type_into("#id_reason", "The report is done")
    jonas.follow("button.danger")


def hrefs(links: list[Locator]) -> list[str]:
    return [str(link.get_attribute("href")) for link in links]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_request_approve_proven_revoke(
    person: Person, findings: PageFindings, running_demo: RunningDemo, scheme: str
) -> None:
    ana, jonas = person(BI.email, scheme), person(PRODUCER, scheme)
    before = ana.presses
    address = ask(ana)
    assert re.search(r"/access-requests/\d+/$", address)
    assert ana.presses - before <= MOST_PRESSES
    approve(jonas)
    ana.wait_for_text("Active")
    ana.check_page()
    held = aws_state.list_selected_columns(running_demo.cloud(), ROLE, DATABASE, TABLE)
    assert "policy_id" in held
    assert "expected_remaining_years" not in held
    revoke(jonas)
    ana.wait_for_text("Ended")
    ana.check_page()
    assert aws_state.list_selected_columns(running_demo.cloud(), ROLE, DATABASE, TABLE) == set()
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
    assert len(findings.pages) >= 12
