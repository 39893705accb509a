"""What *Try to break it* asks of the supervisor, on the running demo."""

from collections.abc import Iterator

import pytest

from demo.embedded.waits import wait_for
from demo.journey.verdict_roles import DATABASE, TABLE
from tests.demo_process import RunningDemo
from tests.journey.demo_request import COLUMNS, ROLE, DemoRequest

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture
def granted(running_demo: RunningDemo) -> Iterator[DemoRequest]:
    asked = DemoRequest(running_demo)
    asked.submit()
    asked.approve()
    asked.wait_for_presence("present")
    yield asked
    running_demo.run_operation("clear_faults")
    if asked.read_grant()["ended_at"] is None:
        asked.revoke()
        asked.wait_for_presence("absent")


def test_every_consumer_s_roles_are_listed(running_demo: RunningDemo) -> None:
    found = running_demo.run_operation("principals")["principals"]
    assert {"arn": ROLE, "name": "bi-analyst", "account": "Business Intelligence"} in found
    assert not [one for one in found if one["name"].startswith("meshmarket-")]


def test_a_role_asks_and_a_removed_permission_comes_back(granted: DemoRequest) -> None:
    sql = f'SELECT * FROM "{granted.link}"."{TABLE}" LIMIT 2'
    answer = granted.demo.run_operation("query", principal_arn=ROLE, sql=f"{sql};")
    assert (answer["state"], len(answer["rows"])) == ("SUCCEEDED", 2)
    assert set(answer["columns"]) == {*COLUMNS, "snapshot_date"}
    assert (
        granted.demo.run_operation("revoke_outside_portal", grant_id=int(granted.grant))["removed"]
        == f"SELECT on {DATABASE}.{TABLE}"
    )
    wait_for(lambda: granted.list_aws_columns() == set(COLUMNS), 30, "it was not mended")


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "query", "principal_arn": "nobody", "sql": "SELECT 1"},
        {"operation": "query", "principal_arn": ROLE, "sql": ""},
        {"operation": "revoke_outside_portal", "grant_id": 10**9},
        {"operation": "drop_table", "table_id": 0},
        {"operation": "throttle", "calls": -1},
        {"operation": "advance_clock", "seconds": "soon"},
    ],
)
def test_what_cannot_be_done_is_said(running_demo: RunningDemo, wrong: dict[str, object]) -> None:
    answer = running_demo.run_operation(**wrong)  # type: ignore[arg-type]
    assert answer["ok"] is False
    assert answer["error"]


def test_a_refused_query_says_why(running_demo: RunningDemo) -> None:
    answer = running_demo.run_operation("query", principal_arn=ROLE, sql="SELECT * FROM nowhere.nothing")
    assert (answer["state"], "SCHEMA_NOT_FOUND" in answer["reason"]) == ("FAILED", True)


@pytest.mark.all
def test_throttled_calls_are_tried_again(granted: DemoRequest) -> None:
    granted.demo.run_operation("throttle", calls=10)
    granted.revoke()
    granted.wait_for_presence("absent", 90)


@pytest.mark.all
def test_an_outage_ends_in_the_right_state(granted: DemoRequest) -> None:
    granted.demo.run_operation("outage")
    granted.revoke()
    assert granted.read_grant()["presence"] != "absent"
    granted.demo.run_operation("clear_faults")
    granted.wait_for_presence("absent", 120)


@pytest.mark.all
def test_a_dropped_table_can_be_made_anew(running_demo: RunningDemo) -> None:
    table = {"database": "credit_cards_gold", "table": "merchant_summary"}
    assert running_demo.run_operation("drop_table", **table)["ok"]
    assert running_demo.run_operation("drop_table", **table)["ok"] is False
    assert running_demo.run_operation("recreate_table", **table)["ok"]
    assert running_demo.run_operation("recreate_table", **table)["ok"] is False


@pytest.mark.all
def test_time_goes_ahead_and_a_grant_ends_by_itself(granted: DemoRequest) -> None:
    assert granted.demo.run_operation("advance_clock", seconds=21 * 86_400)["ok"]
    grant = granted.wait_for_presence("absent", 60)
    assert granted.list_aws_columns() == set()
    wait_for(lambda: granted.read_grant()["end_reason"] == "expired", 30, f"the grant is {grant['state']}")
