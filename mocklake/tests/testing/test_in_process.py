"""An mocklake without a socket: the same answers, errors, streams and lost answers, several worlds side by side."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore import handlers
from botocore.exceptions import ConnectionClosedError

from mocklake.testing.checks import refused
from mocklake.testing.in_process import ControlError, InProcess

ACCOUNT = "111111111111"
TRUST = '{"Version":"2012-10-17","Statement":[]}'


@pytest.fixture
def aws() -> InProcess:
    return InProcess()


def _databases(aws: InProcess) -> list[str]:
    return [one["Name"] for one in aws.client("glue", ACCOUNT).get_databases()["DatabaseList"]]


def _make(aws: InProcess, name: str) -> None:
    aws.client("glue", ACCOUNT).create_database(DatabaseInput={"Name": name})


def test_errors_and_credentials_are_those_of_the_gateway(aws: InProcess) -> None:
    glue = aws.client("glue", ACCOUNT)
    assert refused(glue.get_database, Name="none") == "EntityNotFoundException"
    keys = aws.control(f"credentials?account={ACCOUNT}")
    forged = aws.client_of("glue", {**keys, "SecretAccessKey": "wrong"})
    assert refused(forged.get_databases) == "InvalidSignatureException"


def test_an_object_of_s3_goes_and_comes_whole(aws: InProcess) -> None:
    s3 = aws.client("s3", ACCOUNT)
    s3.create_bucket(Bucket="lake-1", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    body = bytes(range(256)) * 1000
    s3.put_object(Bucket="lake-1", Key="a b/ü.bin", Body=body)
    assert s3.get_object(Bucket="lake-1", Key="a b/ü.bin")["Body"].read() == body


def test_a_lost_answer_has_its_effect_and_breaks_the_connection(aws: InProcess) -> None:
    aws.control("faults", {"kind": "lost", "operation": "CreateDatabase"})
    with pytest.raises(ConnectionClosedError):
        _make(aws, "lost")
    assert _databases(aws) == ["lost"]


def test_retries_are_botocores(aws: InProcess) -> None:
    aws.control("faults", {"kind": "throttle", "count": 1})
    assert aws.client("glue", ACCOUNT, retries=1).get_databases()["DatabaseList"] == []


def test_two_worlds_do_not_see_each_other(aws: InProcess) -> None:
    other = InProcess()
    _make(aws, "mine")
    aws.client("iam", ACCOUNT).create_role(RoleName="mine", AssumeRolePolicyDocument=TRUST)
    assert (_databases(aws), _databases(other)) == (["mine"], [])
    assert other.client("iam", ACCOUNT).list_roles()["Roles"] == []
    other.control("reset", {})
    assert len(aws.client("iam", ACCOUNT).list_roles()["Roles"]) == 1


def test_worlds_are_called_by_many_threads_at_once(aws: InProcess) -> None:
    worlds = [aws, InProcess(), InProcess()]

    def work(number: int) -> None:
        name = f"d{number}"
        iam: Any = worlds[number % 3].client("iam", ACCOUNT)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(60)))
    counts = [len(one.client("iam", ACCOUNT).list_roles()["Roles"]) for one in worlds]
    assert counts == [20, 20, 20]


def test_the_control_apis_refusal_is_an_error_with_its_reason(aws: InProcess) -> None:
    with pytest.raises(ControlError, match="a fault's kind is one of") as refusal:
        aws.control("faults", {"kind": "none"})
    assert refusal.value.status == 400


def test_a_client_speaks_to_its_own_world_though_another_one_answers_the_process(
    aws: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = ("before-send", InProcess().answer)
    monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS, hook])
    monkeypatch.setattr("mocklake.testing.in_process._session", boto3.Session)
    _make(aws, "mine")
    assert _databases(aws) == ["mine"]


def test_a_request_that_a_client_was_hooked_to_twice_is_answered_once(
    aws: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS, ("before-send", aws.answer)]
    )
    monkeypatch.setattr("mocklake.testing.in_process._session", boto3.Session)
    _make(aws, "once")
    assert [call["operation"] for call in aws.control("calls?since=0")] == ["CreateDatabase"]
