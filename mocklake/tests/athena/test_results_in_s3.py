"""Results are written to S3 as the caller, where the request or the workgroup says; or the query is refused."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, PAIR, REGION


@pytest.fixture
def aws() -> InProcess:
    started = InProcess(PAIR)
    s3 = started.client("s3", CENTRAL)
    s3.create_bucket(Bucket="results", CreateBucketConfiguration={"LocationConstraint": REGION})
    return started


def _started(athena: Any, sql: str, **options: Any) -> dict[str, Any]:
    query = athena.start_query_execution(QueryString=sql, **options)["QueryExecutionId"]
    found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
    return found


def _read(aws: InProcess, place: str) -> str:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    body: bytes = aws.client("s3", CENTRAL).get_object(Bucket=bucket, Key=key)["Body"].read()
    return body.decode()


def test_a_csv_quotes_every_value_and_leaves_null_empty(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    sql = "SELECT 'a\"b' AS text, CAST(NULL AS int) AS nothing, 1 AS one"
    found = _started(athena, sql, ResultConfiguration={"OutputLocation": "s3://results/here/"})
    place = found["ResultConfiguration"]["OutputLocation"]
    assert place == f"s3://results/here/{found['QueryExecutionId']}.csv"
    assert _read(aws, place) == '"text","nothing","one"\n"a""b",,"1"\n'
    names = [one["name"] for one in json.loads(_read(aws, f"{place}.metadata"))["columns"]]
    assert names == ["text", "nothing", "one"]


def test_a_bucket_that_is_not_there_or_not_ones_own_is_refused_at_the_call(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    for place in ("s3://nowhere/", "results"):
        wanted = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": place}}
        assert refused(athena.start_query_execution, **wanted) == "InvalidRequestException"


def test_a_bucket_that_may_not_be_written_to_fails_the_query(aws: InProcess) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::results/*",
    }
    aws.client("s3", CENTRAL).put_bucket_policy(Bucket="results", Policy=json.dumps({"Statement": [deny]}))
    athena = aws.client("athena", CENTRAL, "admin")
    found = _started(athena, "SELECT 1", ResultConfiguration={"OutputLocation": "s3://results/"})
    assert found["Status"]["State"] == "FAILED"
    assert found["Status"]["StateChangeReason"].startswith(
        "Access denied when writing output to url: s3://results/"
    )


def test_an_enforcing_workgroup_says_where(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    place = {"ResultConfiguration": {"OutputLocation": "s3://results/team/"}}
    athena.create_work_group(Name="team", Configuration=place)
    own = {"ResultConfiguration": {"OutputLocation": "s3://results/own/"}}
    found = _started(athena, "SELECT 1", WorkGroup="team", **own)
    assert found["ResultConfiguration"]["OutputLocation"].startswith("s3://results/team/")
    athena.update_work_group(WorkGroup="team", ConfigurationUpdates={"EnforceWorkGroupConfiguration": False})
    found = _started(athena, "SELECT 1", WorkGroup="team", **own)
    assert found["ResultConfiguration"]["OutputLocation"].startswith("s3://results/own/")


def test_what_is_shown_is_written_as_text(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL)
    found = _started(athena, "SHOW TABLES IN claims", ResultConfiguration={"OutputLocation": "s3://results"})
    place = found["ResultConfiguration"]["OutputLocation"]
    assert place.endswith(".txt")
    assert _read(aws, place) == "open\n"
