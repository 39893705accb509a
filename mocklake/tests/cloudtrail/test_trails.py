"""Trails are made, shown, stopped and deleted; files lie where AWS puts them, if the bucket lets them."""

import pickle
import re
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.testing.trail_bucket import bucket
from mocklake.tests.cloudtrail.trail_logs import logged, named, trail
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR, REGION


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def test_a_trail_needs_a_bucket_that_lets_cloudtrail_in(aws: InProcess) -> None:
    cloudtrail, s3 = aws.client("cloudtrail", CENTRAL), aws.client("s3", CENTRAL)
    wanted = {"Name": "trail", "S3BucketName": "shut"}
    assert refused(cloudtrail.create_trail, **wanted) == "S3BucketDoesNotExistException"
    s3.create_bucket(Bucket="shut", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert refused(cloudtrail.create_trail, **wanted) == "InsufficientS3BucketPolicyException"


def test_files_lie_by_account_region_and_day(aws: InProcess) -> None:
    bucket(aws, CENTRAL, "logs", prefix="audit")
    cloudtrail = aws.client("cloudtrail", CENTRAL)
    cloudtrail.create_trail(Name="trail", S3BucketName="logs", S3KeyPrefix="audit")
    cloudtrail.start_logging(Name="trail")
    (file,) = aws.control("trail", {})["files"]
    name = rf"{CENTRAL}_CloudTrail_{REGION}_\d{{8}}T\d{{4}}Z_[A-Za-z0-9]{{16}}\.json\.gz"
    folder = rf"s3://logs/audit/AWSLogs/{CENTRAL}/CloudTrail/{REGION}/\d{{4}}/\d\d/\d\d"
    assert re.fullmatch(f"{folder}/{name}", file)
    assert cloudtrail.get_trail_status(Name="trail")["LatestDeliveryTime"]


def test_files_come_by_themselves_after_the_interval(aws: InProcess) -> None:
    aws.control("trail", {"interval_seconds": 60})
    trail(aws)
    s3 = aws.client("s3", CENTRAL)
    assert s3.list_objects_v2(Bucket=f"{CENTRAL}-logs")["KeyCount"] == 0
    aws.control("clock", {"offset_seconds": 61})
    assert s3.list_objects_v2(Bucket=f"{CENTRAL}-logs")["KeyCount"] == 1


def test_a_bucket_that_shuts_later_is_told_and_gets_all_when_it_opens(aws: InProcess) -> None:
    cloudtrail, s3 = trail(aws), aws.client("s3", CENTRAL)
    opened = s3.get_bucket_policy(Bucket=f"{CENTRAL}-logs")["Policy"]
    s3.delete_bucket_policy(Bucket=f"{CENTRAL}-logs")
    assert aws.control("trail", {})["files"] == []
    assert cloudtrail.get_trail_status(Name="trail")["LatestDeliveryError"] == "AccessDenied"
    s3.put_bucket_policy(Bucket=f"{CENTRAL}-logs", Policy=opened)
    assert len(named(logged(aws), "DeleteBucketPolicy")) == 1
    assert "LatestDeliveryError" not in cloudtrail.get_trail_status(Name="trail")


def test_a_bucket_of_another_account_takes_the_files_by_its_policy(aws: InProcess) -> None:
    bucket(aws, CONSUMER, "central-audit", writers=CENTRAL)
    cloudtrail = aws.client("cloudtrail", CENTRAL)
    cloudtrail.create_trail(Name="trail", S3BucketName="central-audit")
    cloudtrail.start_logging(Name="trail")
    assert len(aws.control("trail", {})["files"]) == 1


def test_nothing_is_logged_while_it_is_stopped(aws: InProcess) -> None:
    cloudtrail = trail(aws)
    cloudtrail.stop_logging(Name="trail")
    aws.client("sqs", CENTRAL).create_queue(QueueName="unseen")
    cloudtrail.start_logging(Name="trail")
    names = {one["eventName"] for one in logged(aws)}
    assert "StartLogging" in names
    assert "CreateQueue" not in names


def test_a_trail_of_one_region_logs_that_one_a_trail_of_all_every(aws: InProcess) -> None:
    cloudtrail = trail(aws)
    aws.client("glue", CENTRAL, region="us-east-1").get_databases()
    assert named(logged(aws), "GetDatabases") == []
    cloudtrail.update_trail(Name="trail", IsMultiRegionTrail=True)
    aws.client("glue", CENTRAL, region="us-east-1").get_databases()
    assert [one["awsRegion"] for one in named(logged(aws), "GetDatabases")] == ["us-east-1"]
    elsewhere = aws.client("cloudtrail", CENTRAL, region="us-east-1")
    assert [one["HomeRegion"] for one in elsewhere.describe_trails()["trailList"]] == [REGION]
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert refused(elsewhere.stop_logging, Name="trail") == "InvalidHomeRegionException"


def test_a_trail_is_shown_until_it_is_deleted(aws: InProcess) -> None:
    cloudtrail = trail(aws)
    arn = f"arn:aws:cloudtrail:{REGION}:{CENTRAL}:trail/trail"
    assert cloudtrail.get_trail(Name=arn)["Trail"]["HasCustomEventSelectors"] is False
    assert cloudtrail.list_trails()["Trails"] == [{"TrailARN": arn, "Name": "trail", "HomeRegion": REGION}]
    assert refused(cloudtrail.create_trail, Name="trail", S3BucketName="x") == "TrailAlreadyExistsException"
    cloudtrail.add_tags(ResourceId=arn, TagsList=[{"Key": "k", "Value": "v"}])
    assert cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == [
        {"Key": "k", "Value": "v"}
    ]
    cloudtrail.remove_tags(ResourceId=arn, TagsList=[{"Key": "k"}])
    assert cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == []
    cloudtrail.delete_trail(Name="trail")
    assert refused(cloudtrail.get_trail, Name="trail") == "TrailNotFoundException"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"Name": "a"}, "InvalidTrailNameException"),
        ({"Name": "a--b"}, "InvalidTrailNameException"),
        (
            {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": False},
            "InvalidParameterCombinationException",
        ),
        ({"EnableLogFileValidation": True}, "MocklakeNotImplemented"),
        ({"KmsKeyId": "alias/k"}, "MocklakeNotImplemented"),
    ],
)
def test_a_trail_that_cannot_be_is_refused(aws: InProcess, options: dict[str, Any], code: str) -> None:
    bucket(aws, CENTRAL, "logs")
    wanted = {"Name": "trail", "S3BucketName": "logs", **options}
    assert refused(aws.client("cloudtrail", CENTRAL).create_trail, **wanted) == code


def test_selectors_are_checked_and_shown(aws: InProcess) -> None:
    cloudtrail = trail(aws)
    wrong = [{"DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]}]
    assert (
        refused(cloudtrail.put_event_selectors, TrailName="trail", EventSelectors=wrong)
        == "InvalidEventSelectorsException"
    )
    cloudtrail.put_event_selectors(TrailName="trail", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    (shown,) = cloudtrail.get_event_selectors(TrailName="trail")["EventSelectors"]
    assert (shown["ReadWriteType"], shown["IncludeManagementEvents"]) == ("WriteOnly", True)
    aws.client("glue", CENTRAL).get_databases()
    assert named(logged(aws), "GetDatabases") == []


def test_what_is_pending_is_kept_with_the_world(aws: InProcess) -> None:
    trail(aws)
    with aws.here():
        kept = pickle.loads(pickle.dumps(aws.simulator.world))  # noqa: S301
    (pending,) = kept.stores["cloudtrail"].trails[CENTRAL, "trail"].pending.values()
    assert any("StartLogging" in one for one in pending)
