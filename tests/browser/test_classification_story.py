"""Ruth classifies 40 columns at once by keyboard: the access of two consumers narrows exactly as the page showed."""

import pytest

from demo.embedded.waits import wait_for
from demo.journey.verdict_roles import PRODUCER
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings
from tests.browser.wide_table import (
    DATABASE,
    OTHER_COLUMNS,
    PERSONAL_COLUMNS,
    READERS,
    SECONDS,
    TABLE,
    Cell,
    list_readable,
    make_wide_table,
)
from tests.demo_process import RunningDemo

pytestmark = [pytest.mark.browser, pytest.mark.all, pytest.mark.xdist_group("demo")]
STEWARD = "ruth.steiner@harbour.example"
BOX = "input[name=finding]"
ROLES = {arn.rsplit("/", 1)[-1]: arn for arn in READERS.values()}


def scan(ruth: KeyboardUser, demo: RunningDemo) -> None:
    ruth.open("classification/scans/")
    ruth.type_into("#id_table", f"{DATABASE}.{TABLE}")
    ruth.follow("#scan-form button[data-primary-action]")
    steward = demo.sign_in(STEWARD)

    def is_done() -> bool:
        scans = [one for one in steward.list_all("classification-scans") if one["table"]["name"] == TABLE]
        return all(one["state"] == "done" for one in scans)

    wait_for(is_done, SECONDS, "the table was not scanned")


def choose_columns(ruth: KeyboardUser) -> None:
    """All that look sensitive, but those of other tables; then the page of their effects."""
    ruth.open("classification/")
    ruth.reach("#f-proposed_class")
    ruth.page.keyboard.type("sensitive")
    ruth.follow("form[role=search] button[type=submit]")
    ruth.follow('a[href*="select=all"]')
    own = ruth.page.get_by_role("row").filter(has_text=f"{DATABASE}.{TABLE}")
    assert own.count() == len(PERSONAL_COLUMNS)
    others = ruth.page.get_by_role("row").filter(has=ruth.page.locator(BOX)).filter(has_not_text=TABLE)
    for box in others.locator(BOX).all():
        ruth.reach(f'{BOX}[value="{box.get_attribute("value")}"]')
        ruth.press("Space")
    assert ruth.page.locator(f"{BOX}:checked").count() == len(PERSONAL_COLUMNS)
    ruth.follow("#findings-form button[data-primary-action]")


def read_losses(ruth: KeyboardUser) -> set[Cell]:
    """Who loses what, as the page of the effects shows it. Nobody gains."""
    found: set[Cell] = set()
    for row in ruth.page.locator("[aria-labelledby=effects] tbody tr").all():
        assert row.locator("td[data-label=Table]").inner_text() == f"{DATABASE}.{TABLE}"
        assert row.locator("td[data-label=Gains]").inner_text() == "–"
        role = ROLES[row.locator("td").first.locator(".mono").inner_text()]
        lost = row.locator("td[data-label=Loses] .mono").inner_text()
        found |= {(role, column) for column in lost.split(", ")}
    return found


def propose(ruth: KeyboardUser) -> str:
    """Returns the path of the tag change."""
    ruth.type_into("#id_reason", "Account numbers identify a customer.")
    ruth.follow("#accept-form button[data-primary-action]")
    assert "Waiting for review" in ruth.read_text("main")
    return str(ruth.page.url.removeprefix(ruth.url))


def approve(jonas: KeyboardUser, path: str, demo: RunningDemo) -> None:
    jonas.open("tag-changes/")
    jonas.follow(f'a[href="/{path}"]')
    assert PERSONAL_COLUMNS[-1] in jonas.read_text("main")
    jonas.follow("#decision-form button[value=approve]")
    owner = demo.sign_in(PRODUCER)
    wait_for(lambda: owner.get(path.rstrip("/"))["status"] == "applied", SECONDS, "the tags were not applied")
    jonas.open(path)
    assert "Active" in jonas.read_text("main .title")


def test_access_narrows_exactly_as_shown(
    person: Person, findings: PageFindings, running_demo: RunningDemo
) -> None:
    make_wide_table(running_demo)
    cloud = running_demo.cloud()
    before = list_readable(cloud)
    assert {(arn, column) for arn in READERS.values() for column in PERSONAL_COLUMNS} <= before
    ruth, jonas = person(STEWARD, "dark"), person(PRODUCER, "light")
    scan(ruth, running_demo)
    choose_columns(ruth)
    shown = read_losses(ruth)
    path = propose(ruth)
    assert list_readable(cloud) == before
    approve(jonas, path, running_demo)
    after = list_readable(cloud)
    assert before - after == shown
    assert after == {(arn, column) for arn in READERS.values() for column in OTHER_COLUMNS}
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
