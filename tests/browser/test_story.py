"""One story by keyboard alone: asked, approved, proven, revoked; each page by axe's judgement, under the strict policy."""

import re

import pytest
from playwright.sync_api import Locator

from demo.journey import lake
from demo.journey.consumers import BI, DATABASE, PRODUCER, PRODUCT, TABLE
from tests.browser.conftest import Person
from tests.browser.keyboard import Findings, Keyboard
from tests.running import RunningDemo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
ROLE = "arn:aws:iam::310000000001:role/bi-reporting"
MOST_PRESSES = 40
"""For a first request, besides the text that is typed."""
SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.all)]


def find_product(person: Keyboard) -> None:
    person.press("/")
    person.page.keyboard.type("life expectancy")
    person.page.locator("mark").first.wait_for()
    person.press("Escape", "Escape", "j")
    person.choose(f'a[href="/data-products/{PRODUCT}/"]')


def ask(ana: Keyboard) -> str:
    """From search to the request's page; returns its path."""
    find_product(ana)
    ana.press("m")
    ana.choose("a[data-main]")
    ana.press("m")
    ana.write("#id_purpose", "Longevity chart for the annual report")
    ana.reach("#id_principal")
    ana.page.keyboard.type("bi-reporting")
    ana.choose("form[data-ask] button.primary")
    assert "Waiting for review" in ana.text_of("#story [role=status]")
    return str(ana.page.url)


def approve(jonas: Keyboard) -> None:
    """From the inbox to the decision on the newest request."""
    jonas.go_to("i")
    links = jonas.page.locator('a[href^="/reviews/"]')
    newest = max(int(path.strip("/").split("/")[-1]) for path in hrefs(links.all()))
    jonas.choose(f'a[href="/reviews/{newest}/"]')
    assert "What you approve" in jonas.text_of("main")
    jonas.choose("button[value=approve]")


def revoke(jonas: Keyboard) -> None:
    """From the product's page, over who has access, to the reason."""
    jonas.go_to("h")
    find_product(jonas)
    jonas.choose(f'a[href="/data-products/{PRODUCT}/access/"]')
    links = hrefs(jonas.page.locator('a[href^="/grants/"][href*="/revoke/"]', has_text="bi-reporting").all())
    jonas.choose(f'a[href="{links[0]}"]')
    jonas.write("#id_reason", "The report is done")
    jonas.choose("button.danger")


def hrefs(links: list[Locator]) -> list[str]:
    return [str(link.get_attribute("href")) for link in links]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_request_approve_proven_revoke(
    person: Person, findings: Findings, running_demo: RunningDemo, scheme: str
) -> None:
    ana, jonas = person(BI.email, scheme), person(PRODUCER, scheme)
    before = ana.presses
    address = ask(ana)
    assert re.search(r"/requests/\d+/$", address)
    assert ana.presses - before <= MOST_PRESSES
    approve(jonas)
    ana.waits_for("Active")
    ana.look()
    held = lake.selected_columns(running_demo.cloud(), ROLE, DATABASE, TABLE)
    assert "policy_id" in held
    assert "expected_remaining_years" not in held
    revoke(jonas)
    ana.waits_for("Ended")
    ana.look()
    assert lake.selected_columns(running_demo.cloud(), ROLE, DATABASE, TABLE) == set()
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
    assert len(findings.pages) >= 14
