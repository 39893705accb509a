"""Sessions that are narrowed, tagged, of root, or asked about; and policies that are attached."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR

ADMIN = f"arn:aws:iam::{CENTRAL}:role/admin"


@pytest.fixture(scope="module")
def aws() -> InProcess:
    return InProcess(PAIR)


def _policy(*actions: str) -> str:
    rule = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [rule]})


def _assume(aws: InProcess, **options: Any) -> Any:
    sts = aws.client("sts", CENTRAL)
    return sts.assume_role(**{"RoleArn": ADMIN, "RoleSessionName": "session", **options})


def test_a_sessions_policy_narrows_the_role(aws: InProcess) -> None:
    made = _assume(aws, Policy=_policy("glue:GetDatabases", "s3:ListBucket"))
    assert made["PackedPolicySize"] > 0
    keys = made["Credentials"]
    glue, s3 = aws.client_of("glue", keys), aws.client_of("s3", keys)
    assert glue.get_databases()["DatabaseList"]
    assert refused(glue.get_tables, DatabaseName="sales") == "AccessDeniedException"
    assert s3.list_objects_v2(Bucket="central-lake")["KeyCount"] > 0
    assert refused(s3.get_object, Bucket="central-lake", Key="x") == "AccessDenied"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"RoleSessionName": "no space"}, "ValidationError"),
        ({"Policy": "{"}, "MalformedPolicyDocument"),
        ({"Policy": '{"Statement": []}' + " " * 2040}, "PackedPolicyTooLarge"),
        ({"RoleArn": f"arn:aws:iam::{CENTRAL}:role/none"}, "AccessDenied"),
        ({"Tags": [{"Key": "team", "Value": "x"}]}, "AccessDenied"),
        ({"SourceIdentity": "someone"}, "MocklakeNotImplemented"),
    ],
)
def test_a_session_that_cannot_be_is_refused(aws: InProcess, options: dict[str, Any], code: str) -> None:
    assert refused(lambda: _assume(aws, **options)) == code


def test_a_role_whose_trust_allows_it_takes_tags(aws: InProcess) -> None:
    who = {"AWS": f"arn:aws:iam::{CENTRAL}:root"}
    trust = {"Effect": "Allow", "Principal": who, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    iam = aws.client("iam", CENTRAL)
    role = iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    tags = [{"Key": "team", "Value": "x"}]
    assert _assume(aws, RoleArn=role["Role"]["Arn"], Tags=tags)["AssumedRoleUser"]["Arn"].endswith(
        "/tagged/session"
    )


def test_root_has_sessions_of_an_hour_and_sessions_have_none(aws: InProcess) -> None:
    sts = aws.client("sts", CENTRAL)
    keys = sts.get_session_token(DurationSeconds=7200)["Credentials"]
    session = aws.client_of("sts", keys)
    assert session.get_caller_identity()["Arn"] == f"arn:aws:iam::{CENTRAL}:root"
    assert refused(session.get_session_token) == "AccessDenied"
    assert refused(aws.client("sts", CENTRAL, "admin").get_session_token) == "AccessDenied"


def test_a_key_tells_its_account(aws: InProcess) -> None:
    sts = aws.client("sts", CENTRAL)
    key = aws.control(f"credentials?account={CONSUMER}")["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == CONSUMER
    assert refused(sts.get_access_key_info, AccessKeyId="AKIA0000000000000000") == "ValidationError"


def test_an_ended_session_is_refused_by_every_protocol(aws: InProcess) -> None:
    keys = _assume(aws, DurationSeconds=900)["Credentials"]
    calls = {
        "glue": lambda client: client.get_databases(),
        "sts": lambda client: client.get_caller_identity(),
        "s3": lambda client: client.list_buckets(),
        "ram": lambda client: client.get_resource_share_invitations(),
    }
    aws.control("clock", {"offset_seconds": 901})
    codes = {name: refused(lambda name=name: calls[name](aws.client_of(name, keys))) for name in calls}
    aws.control("clock", {"offset_seconds": 0})
    assert codes == {
        "glue": "ExpiredTokenException", "sts": "ExpiredToken", "s3": "ExpiredToken", "ram": "ExpiredTokenException",
    }  # fmt: skip


def test_an_attached_policy_counts_in_its_default_version(aws: InProcess) -> None:
    iam = aws.client("iam", CENTRAL)
    trust = {"Effect": "Allow", "Principal": {"AWS": CENTRAL}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="attached", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    glue = aws.client("glue", CENTRAL, "attached")
    assert refused(glue.get_databases) == "AccessDeniedException"
    arn = iam.create_policy(PolicyName="reads", PolicyDocument=_policy("glue:GetDatabases"))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="attached", PolicyArn=arn)
    assert glue.get_databases()["DatabaseList"] == []
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=_policy("glue:GetTable"), SetAsDefault=True)
    assert refused(glue.get_databases) == "AccessDeniedException"
