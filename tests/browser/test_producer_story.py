"""A product's life by keyboard alone: drafted, completed, published, requested, deprecated, retired; its grant ends in AWS."""

import re

import pytest
from playwright.sync_api import expect

from demo.journey import aws_state
from demo.journey.verdict_roles import BI, PRODUCER
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings
from tests.browser.test_story import ROLE, approve
from tests.demo_process import RunningDemo

pytestmark = [pytest.mark.browser, pytest.mark.all, pytest.mark.xdist_group("demo")]
DEVELOPER = "emre.aydin@harbour.example"
DATABASE, TABLES = "insurance_silver", ("claims_clean", "policy_events")
EXAMPLE = f"SELECT count(*) FROM {DATABASE}.policy_events"


def draft(emre: KeyboardUser, name: str) -> str:
    """Two tables and a description that is too short; returns the path of the product's draft."""
    emre.open("my-products/new/")
    emre.type_into("#id_name", name)
    emre.type_into("#id_summary", "What happens to policies, and what it costs.")
    emre.follow("#product-form button[data-primary-action]")
    emre.type_into("#id_pick", DATABASE)
    emre.follow("button[value=find-tables]")
    for table in TABLES:
        emre.reach(f"input[name=tables]:is({choose(emre, table)})")
        emre.press("Space")
    emre.type_into("#id_description", "Events.")
    emre.follow("button[form=product-form][data-primary-action]")
    assert "met" in emre.read_text("section[aria-labelledby=rules]")
    # The browser keeps the part of the editor that was last shown in the address.
    return str(emre.page.url.removeprefix(emre.url).removesuffix("#section-data"))


def choose(person: KeyboardUser, table: str) -> str:
    """The selector of the checkbox of a table of the silver database."""
    group = person.page.locator(".table-choices > div", has=person.page.get_by_text(DATABASE, exact=True))
    box = group.get_by_label(table, exact=True)
    return f"#{box.get_attribute('id')}"


def complete_and_publish(jonas: KeyboardUser, path: str) -> None:
    """The checklist leads to the first field that is missing; the rest is filled in on the way."""
    jonas.open(path)
    assert jonas.page.locator("#publish-form button[data-primary-action]").count() == 0
    jonas.follow(f'a[href="/{path.removesuffix("draft/")}edit/#id_description"]')
    for field, text in {
        "description": "Every event of a policy beside the claims that it led to, for those who price new policies.",
        "support": "https://chat.harbour.example/insurance-data",
        "completeness_percent": "99",
        "freshness_hours": "24",
        "terms": "Inside the group, for pricing and reserving.",
        "sql_example": EXAMPLE,
    }.items():
        jonas.type_into(f"#id_{field}", text)
    jonas.follow("button[form=product-form][data-primary-action]")
    jonas.follow("#publish-form button[type=submit]")


def request_access(ana: KeyboardUser, name: str, slug: str) -> None:
    ana.press("/")
    ana.page.keyboard.type(name)
    ana.navigate(lambda: ana.press("Enter"))
    ana.follow(f'a[href="/data-products/{slug}/"]')
    ana.press("m")
    ana.follow("a[data-primary-action]")
    ana.press("m")
    ana.page.keyboard.type("Pricing of new policies")
    ana.reach("#id_principal")
    ana.page.keyboard.type("bi-reporting")
    ana.reach("[data-select-columns=usual]")
    ana.press("Enter")
    expect(ana.page.locator("#ahead [data-impossible]")).to_have_count(0)
    ana.navigate(lambda: ana.press("Control+Enter"))


def deprecate_and_retire(jonas: KeyboardUser, slug: str) -> None:
    jonas.open(f"my-products/{slug}/lifecycle/")
    jonas.follow("a[data-primary-action]")
    jonas.type_into("#id_reason", "Claims holds all of it.")
    jonas.reach("#id_successor")
    jonas.page.keyboard.type("Claims")
    jonas.follow("#deprecation-form button[data-primary-action]")
    jonas.follow("a[data-primary-action]")
    assert "Ana Keller" in jonas.read_text("main")
    jonas.follow("#retirement-form button.danger")


def test_a_product_is_drafted_published_requested_deprecated_and_retired(
    person: Person, findings: PageFindings, running_demo: RunningDemo
) -> None:
    name, slug = "Policy costs", "policy-costs"
    emre, jonas, ana = (person(email, "dark") for email in (DEVELOPER, PRODUCER, BI.email))
    path = draft(emre, name)
    assert path == f"my-products/{slug}/draft/"
    complete_and_publish(jonas, path)
    request_access(ana, name, slug)
    approve(jonas)
    ana.wait_for_text("Active")
    cloud = running_demo.cloud()
    held = [bool(aws_state.list_selected_columns(cloud, ROLE, DATABASE, table)) for table in TABLES]
    assert any(held)
    deprecate_and_retire(jonas, slug)
    ana.wait_for_text("Ended")
    assert not any(aws_state.list_selected_columns(cloud, ROLE, DATABASE, table) for table in TABLES)
    ana.open(f"data-products/{slug}/")
    assert re.search(r"retired", ana.read_text("main"), re.IGNORECASE)
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
