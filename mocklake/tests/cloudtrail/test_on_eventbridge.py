"""What CloudTrail logs comes over EventBridge: writes, and reads for rules that want them, where a trail logs."""

from typing import Any

import pytest

from mocklake.testing.in_process import InProcess
from mocklake.tests.cloudtrail.trail_logs import trail
from mocklake.tests.events.queues import CENTRAL, PAIR, heard, listen

PATTERN = {"source": ["aws.lakeformation"], "detail-type": ["AWS API Call via CloudTrail"]}
GRANT: dict[str, Any] = {
    "Principal": {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/analyst"},
    "Resource": {"Database": {"Name": "sales"}},
    "Permissions": ["DESCRIBE"],
}


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def test_a_grant_is_told_only_where_a_trail_logs(aws: InProcess) -> None:
    url, lake = listen(aws, CENTRAL, PATTERN), aws.client("lakeformation", CENTRAL, "admin")
    lake.grant_permissions(**GRANT)
    assert heard(aws, CENTRAL, url) == []
    trail(aws)
    lake.grant_permissions(**GRANT)
    (event,) = heard(aws, CENTRAL, url)
    assert event["detail"]["eventName"] == "GrantPermissions"
    assert event["detail"]["requestParameters"]["permissions"] == ["DESCRIBE"]
    assert (event["source"], event["resources"]) == ("aws.lakeformation", [])


def test_reads_are_for_rules_that_ask_for_them(aws: InProcess) -> None:
    url = listen(aws, CENTRAL, PATTERN)
    trail(aws)
    lake, events = aws.client("lakeformation", CENTRAL, "admin"), aws.client("events", CENTRAL)
    lake.list_permissions()
    assert heard(aws, CENTRAL, url) == []
    state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    rule = events.describe_rule(Name="heard")
    events.put_rule(Name="heard", EventPattern=rule["EventPattern"], State=state)
    lake.list_permissions()
    assert [one["detail"]["eventName"] for one in heard(aws, CENTRAL, url)] == ["ListPermissions"]


def test_these_events_may_be_missing_too(aws: InProcess) -> None:
    url = listen(aws, CENTRAL, PATTERN)
    trail(aws)
    aws.control(
        "faults", {"kind": "event_missing", "service": "lakeformation", "operation": "GrantPermissions"}
    )
    aws.client("lakeformation", CENTRAL, "admin").grant_permissions(**GRANT)
    aws.client("lakeformation", CENTRAL, "admin").revoke_permissions(**GRANT)
    assert [one["detail"]["eventName"] for one in heard(aws, CENTRAL, url)] == ["RevokePermissions"]
