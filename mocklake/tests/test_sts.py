"""AssumeRole by trust policy, ExternalId and duration; sessions that end."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, PARTNER

EXECUTOR = f"arn:aws:iam::{CONSUMER}:role/lake-admin"


def trust(*principals: str) -> str:
    rule = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [rule]})


def assume(sts: Any, arn: str = EXECUTOR, **more: Any) -> Any:
    return sts.assume_role(RoleArn=arn, RoleSessionName="test", **more)


@pytest.fixture
def worker(cloud: Cloud) -> Any:
    return cloud.client("sts", CENTRAL, "automation")


def test_the_worker_becomes_the_executor_of_an_account_with_its_external_id(
    cloud: Cloud, worker: Any
) -> None:
    keys = assume(worker, ExternalId=f"agreed-{CONSUMER}")["Credentials"]
    who = cloud.client_of("sts", keys).get_caller_identity()
    assert (who["Account"], who["Arn"]) == (CONSUMER, f"arn:aws:sts::{CONSUMER}:assumed-role/lake-admin/test")


@pytest.mark.parametrize("external_id", [{}, {"ExternalId": f"agreed-{PARTNER}"}])
def test_without_the_right_external_id_the_role_is_refused(worker: Any, external_id: dict[str, str]) -> None:
    assert refused(lambda: assume(worker, **external_id)) == "AccessDenied"


def test_a_role_that_does_not_exist_is_refused(worker: Any) -> None:
    assert refused(lambda: assume(worker, f"arn:aws:iam::{CONSUMER}:role/nobody")) == "AccessDenied"


def test_governances_root_is_not_trusted_by_executors(cloud: Cloud) -> None:
    root = cloud.client("sts", CENTRAL)
    assert refused(lambda: assume(root, ExternalId=f"agreed-{CONSUMER}")) == "AccessDenied"


def test_another_account_cannot_take_a_consumers_role(cloud: Cloud) -> None:
    stranger = cloud.client("sts", PARTNER)
    assert refused(lambda: assume(stranger, f"arn:aws:iam::{CONSUMER}:role/analyst")) == "AccessDenied"


def test_a_consumers_own_account_takes_its_role(cloud: Cloud) -> None:
    keys = assume(cloud.client("sts", CONSUMER), f"arn:aws:iam::{CONSUMER}:role/analyst")["Credentials"]
    assert cloud.client_of("sts", keys).get_caller_identity()["Account"] == CONSUMER


def test_across_accounts_trust_alone_is_not_enough(cloud: Cloud) -> None:
    iam = cloud.client("iam", PARTNER)
    arn = f"arn:aws:iam::{CONSUMER}:role/analyst"
    iam.create_role(RoleName="trusts-analyst", AssumeRolePolicyDocument=trust(arn))
    analyst = cloud.client("sts", CONSUMER, "analyst")
    target = f"arn:aws:iam::{PARTNER}:role/trusts-analyst"
    assert refused(lambda: assume(analyst, target)) == "AccessDenied"


@pytest.mark.parametrize("seconds", [900, 3600])
def test_durations_within_the_limits_are_kept(cloud: Cloud, seconds: int, worker: Any) -> None:
    made = assume(worker, ExternalId=f"agreed-{CONSUMER}", DurationSeconds=seconds)["Credentials"]
    assert made["Expiration"].timestamp() == pytest.approx(_now(cloud) + seconds, abs=5)


def test_longer_than_the_roles_maximum_is_refused(cloud: Cloud) -> None:
    iam = cloud.client("iam", CONSUMER)
    root = f"arn:aws:iam::{CONSUMER}:root"
    made = iam.create_role(RoleName="an-hour", AssumeRolePolicyDocument=trust(root), MaxSessionDuration=3600)
    sts = cloud.client("sts", CONSUMER)
    assert refused(lambda: assume(sts, made["Role"]["Arn"], DurationSeconds=3601)) == "ValidationError"


def test_a_recreated_role_has_another_id_and_no_policies(cloud: Cloud) -> None:
    iam = cloud.client("iam", PARTNER)
    root = trust(f"arn:aws:iam::{PARTNER}:root")
    first = iam.create_role(RoleName="recreated", AssumeRolePolicyDocument=root)["Role"]
    iam.put_role_policy(RoleName="recreated", PolicyName="p", PolicyDocument=trust_nothing())
    iam.delete_role_policy(RoleName="recreated", PolicyName="p")
    iam.delete_role(RoleName="recreated")
    second = iam.create_role(RoleName="recreated", AssumeRolePolicyDocument=root)["Role"]
    assert first["Arn"] == second["Arn"]
    assert first["RoleId"] != second["RoleId"]
    assert iam.list_role_policies(RoleName="recreated")["PolicyNames"] == []


def test_a_session_ends_with_its_role_also_when_the_name_is_used_again(cloud: Cloud) -> None:
    iam = cloud.client("iam", PARTNER)
    root = trust(f"arn:aws:iam::{PARTNER}:root")
    iam.create_role(RoleName="short", AssumeRolePolicyDocument=root)
    session = cloud.client("sts", PARTNER, "short")
    assert session.get_caller_identity()["Account"] == PARTNER
    iam.delete_role(RoleName="short")
    iam.create_role(RoleName="short", AssumeRolePolicyDocument=root)
    assert refused(session.get_caller_identity) == "InvalidClientTokenId"


def trust_nothing() -> str:
    rule = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [rule]})


def _now(cloud: Cloud) -> float:
    from datetime import datetime

    return datetime.fromisoformat(cloud.control("clock")["now"]).timestamp()
