"""The main job with every part real and in its own process: what the newcomer's command says is so, seen again."""

import pytest

from demo.journey import aws_state
from demo.journey.verdict_roles import (
    CONSUMERS,
    DATABASE,
    PARTNER,
    PRODUCER,
    SENSITIVE_COLUMN,
    TABLE,
    list_verdict_roles,
)
from tests.demo_process import RunningDemo

pytestmark = pytest.mark.xdist_group("demo")


def test_every_step_of_the_verdict_is_true(running_demo: RunningDemo) -> None:
    untrue = [f"{step['name']}: {step['detail']}" for step in running_demo.verdict["steps"] if not step["ok"]]
    assert untrue == []
    assert running_demo.verdict["ok"]
    assert running_demo.verdict["url"] == running_demo.url


def test_both_consumers_went_the_whole_way(running_demo: RunningDemo) -> None:
    names = [step["name"] for step in running_demo.verdict["steps"]]
    roads = {one.title: [n for n in names if n.startswith(f"{one.title}: ")] for one in CONSUMERS}
    assert [len(steps) for steps in roads.values()] == [13, 15]
    assert f"{PARTNER.title}: an invitation was accepted on the way" in names


def test_the_facts_of_each_step_are_told(running_demo: RunningDemo) -> None:
    told = {step["name"]: step["detail"] for step in running_demo.verdict["steps"]}
    for one in CONSUMERS:
        rows = told[f"{one.title}: its role reads exactly the approved columns"]
        columns, _, values = rows.partition(": ")
        assert set(columns.split(", ")) == {*one.columns, "snapshot_date"}
        assert values.count(" | ") == 1
        assert "AccessDenied" in told[f"{one.title}: its role is refused the object in S3"]
        assert "COLUMN_NOT_FOUND" in told[f"{one.title}: the other columns do not exist for it"]
        assert SENSITIVE_COLUMN in told[f"{one.title}: the other columns do not exist for it"]
    assert told["Partner: it reads only the rows where region = 'Sued'"].endswith(
        " rows of Sued, none of another region"
    )
    assert "new invitation ACCEPTED" in told["Partner: an invitation was accepted on the way"]


def test_the_portal_says_absent_and_aws_holds_nothing(running_demo: RunningDemo) -> None:
    producer, cloud = running_demo.sign_in(PRODUCER), running_demo.cloud()
    for one in CONSUMERS:
        asked = running_demo.sign_in(one.email).list_all("access-requests")
        mine = next(row for row in asked if row["recipient"]["principal"]["name"].startswith("verdict-"))
        grant = producer.get(f"grants/{mine['items'][0]['grant']['id']}")
        assert (grant["end_reason"], grant["presence"]) == ("revoked", "absent")
        assert grant["observed_at"] > grant["ended_at"]
        assert not aws_state.list_selected_columns(
            cloud, mine["recipient"]["principal"]["id"], DATABASE, TABLE
        )
        assert list_verdict_roles(cloud, one) == []


def test_the_password_is_printed_and_kept_to_the_user(running_demo: RunningDemo) -> None:
    assert running_demo.password in running_demo.output
    file = running_demo.folder / "secrets" / "demo-password"
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_stage_is_said(running_demo: RunningDemo) -> None:
    """The database is migrated only when no earlier start kept the schema."""
    for line in ("Starting PostgreSQL", "Filling the marketplace", "Open http://"):
        assert line in running_demo.output
