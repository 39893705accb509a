"""What a log file says about a call: who, what, how it ended; and what it must not say."""

import json
import re
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.cloudtrail.trail_logs import logged, named, trail
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR, REGION

ANALYST = f"arn:aws:iam::{CENTRAL}:role/analyst"


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def _grant(aws: InProcess) -> None:
    aws.client("lakeformation", CENTRAL, "admin").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": ANALYST},
        Resource={"Database": {"Name": "sales"}},
        Permissions=["DESCRIBE"],
    )


def test_a_write_is_recorded_whole(aws: InProcess) -> None:
    trail(aws)
    _grant(aws)
    (record,) = named(logged(aws), "GrantPermissions")
    identity = record["userIdentity"]
    assert (identity["type"], identity["arn"]) == (
        "AssumedRole",
        f"arn:aws:sts::{CENTRAL}:assumed-role/admin/control",
    )
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "admin"
    assert identity["principalId"] == f"{identity['sessionContext']['sessionIssuer']['principalId']}:control"
    assert record["requestParameters"] == {
        "principal": {"dataLakePrincipalIdentifier": ANALYST},
        "resource": {"database": {"name": "sales"}},
        "permissions": ["DESCRIBE"],
    }
    expected = {
        "eventSource": "lakeformation.amazonaws.com", "awsRegion": REGION, "responseElements": None, "readOnly": False,
        "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": CENTRAL, "eventCategory": "Management",
    }  # fmt: skip
    assert expected.items() <= record.items()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["eventTime"])
    assert record["userAgent"].startswith("Boto3/")


def test_a_refused_read_is_recorded_with_its_error(aws: InProcess) -> None:
    trail(aws)
    assert refused(aws.client("glue", CENTRAL).get_database, Name="none") == "EntityNotFoundException"
    (record,) = named(logged(aws), "GetDatabase")
    assert (record["errorCode"], record["readOnly"]) == ("EntityNotFoundException", True)
    assert record["errorMessage"] == "Database none not found."
    assert record["userIdentity"]["type"] == "Root"
    assert record["responseElements"] is None


def test_an_answer_is_recorded_for_writes_only(aws: InProcess) -> None:
    trail(aws)
    aws.client("events", CENTRAL).put_rule(Name="r", EventPattern='{"source": ["a"]}')
    aws.client("events", CENTRAL).describe_rule(Name="r")
    aws.client("sqs", CENTRAL).create_queue(QueueName="q")
    records = logged(aws)
    assert named(records, "PutRule")[0]["responseElements"] == {
        "ruleArn": f"arn:aws:events:{REGION}:{CENTRAL}:rule/r"
    }
    assert named(records, "DescribeRule")[0]["responseElements"] is None
    assert named(records, "CreateQueue")[0]["responseElements"]["queueUrl"].endswith("/q")


def test_no_secret_is_in_the_log(aws: InProcess) -> None:
    trail(aws)
    sts = aws.client("sts", CENTRAL)
    made = sts.assume_role(RoleArn=ANALYST, RoleSessionName="session")["Credentials"]
    text = json.dumps(logged(aws))
    assert made["AccessKeyId"] in text
    assert made["SessionToken"] not in text
    assert made["SecretAccessKey"] not in text


def test_a_call_about_another_accounts_catalog_is_in_both_logs_there_without_a_name(aws: InProcess) -> None:
    trail(aws)
    trail(aws, CONSUMER)
    aws.client("lakeformation", CENTRAL, "admin").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CONSUMER}:role/analyst"},
        Resource={"Table": {"DatabaseName": "sales", "Name": "orders"}},
        Permissions=["DESCRIBE"],
    )
    aws.client("glue", CONSUMER, "analyst").get_table(CatalogId=CENTRAL, DatabaseName="sales", Name="orders")
    (here,), (there,) = named(logged(aws, CONSUMER), "GetTable"), named(logged(aws), "GetTable")
    assert here["sharedEventID"] == there["sharedEventID"]
    assert here["eventID"] != there["eventID"]
    principal = here["userIdentity"]["principalId"]
    assert there["userIdentity"] == {"type": "AWSAccount", "principalId": principal, "accountId": CONSUMER}
    assert (here["recipientAccountId"], there["recipientAccountId"]) == (CONSUMER, CENTRAL)


def test_an_element_that_is_too_large_is_left_out(aws: InProcess) -> None:
    trail(aws)
    columns = [{"Name": f"c{number}", "Type": "string", "Comment": "x" * 200} for number in range(1000)]
    table = {"Name": "wide", "StorageDescriptor": {"Columns": columns}}
    aws.client("glue", CENTRAL).create_table(DatabaseName="sales", TableInput=table)
    (record,) = named(logged(aws), "CreateTable")
    assert record["requestParameters"]["omitted"] is True


def test_objects_are_data_events_that_a_trail_asks_for(aws: InProcess) -> None:
    cloudtrail = trail(aws)
    s3 = aws.client("s3", CENTRAL)
    s3.put_object(Bucket="central-lake", Key="x/1", Body=b"1")
    wanted: dict[str, Any] = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::central-lake/x/"]}
    cloudtrail.put_event_selectors(
        TrailName="trail", EventSelectors=[{"ReadWriteType": "WriteOnly", "DataResources": [wanted]}]
    )
    s3.put_object(Bucket="central-lake", Key="x/2", Body=b"1")
    s3.put_object(Bucket="central-lake", Key="y/3", Body=b"1")
    s3.get_object(Bucket="central-lake", Key="x/2")
    _grant(aws)
    records = logged(aws)
    assert [one["requestParameters"]["key"] for one in named(records, "PutObject")] == ["x/2"]
    assert named(records, "GetObject") == []
    assert named(records, "PutObject")[0]["managementEvent"] is False
    assert len(named(records, "GrantPermissions")) == 1
