"""The control API: guarded, and doing what AWS has no call for."""

import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ConnectionClosedError

from mocklake.testing.checks import refused
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, MESH


@pytest.fixture
def own(cloud: Cloud) -> Iterator[Cloud]:
    """The shared world, with faults and clock put back afterwards."""
    yield cloud
    cloud.control("faults", method="DELETE")
    cloud.control("clock", {"offset_seconds": 0})


def test_health_needs_no_token(own: Cloud) -> None:
    assert own.control("health", token="") == {"ok": True, "accounts": 4}


@pytest.mark.parametrize(
    "path", ["credentials?account=" + CONSUMER, "calls", "clock", "unimplemented", "oracle"]
)
@pytest.mark.parametrize("token", ["", "wrong"])
def test_everything_else_is_refused_without_the_token(own: Cloud, path: str, token: str) -> None:
    assert own.control_status(path, token=token) == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("credentials?account=999999999999", 404),
        (f"credentials?account={CONSUMER}&role=nobody", 404),
        ("credentials", 400),
        ("oracle?principal=x", 400),
        ("nothing", 404),
    ],
)
def test_wrong_requests_are_told_apart(own: Cloud, path: str, status: int) -> None:
    assert own.control_status(path) == status


@pytest.mark.parametrize("body", [{"kind": "unknown"}, {"kind": "throttle", "colour": "red"}, [1]])
def test_a_fault_that_is_not_understood_is_refused(own: Cloud, body: object) -> None:
    assert own.control_status("faults", body=body) == 400


def test_a_throttled_call_gets_the_services_own_code_as_often_as_asked(own: Cloud) -> None:
    own.control("faults", {"kind": "throttle", "service": "glue", "operation": "GetDatabases", "count": 2})
    own.control("faults", {"kind": "throttle", "service": "lakeformation", "account": CENTRAL})
    glue, lake = own.client("glue", CENTRAL), own.client("lakeformation", CENTRAL)
    assert refused(glue.get_databases) == "ThrottlingException"
    assert glue.get_tables(DatabaseName="shop_gold")["TableList"]
    assert refused(glue.get_databases) == "ThrottlingException"
    assert glue.get_databases()["DatabaseList"]
    assert refused(lake.get_data_lake_settings) == "ThrottledException"
    assert lake.get_data_lake_settings()["DataLakeSettings"]


def test_a_fault_can_be_any_error_of_the_service(own: Cloud) -> None:
    own.control(
        "faults", {"kind": "error", "service": "lakeformation", "code": "ConcurrentModificationException"}
    )
    lake = own.client("lakeformation", CENTRAL)
    assert refused(lake.get_data_lake_settings) == "ConcurrentModificationException"


def test_a_lost_answer_has_its_effect(own: Cloud) -> None:
    own.control("faults", {"kind": "lost", "service": "iam", "operation": "CreateRole"})
    iam = own.client("iam", CONSUMER)
    with pytest.raises(ConnectionClosedError):
        iam.create_role(
            RoleName="lost", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
        )
    assert iam.get_role(RoleName="lost")["Role"]["RoleName"] == "lost"


def test_latency_delays_the_call(own: Cloud) -> None:
    own.control("faults", {"kind": "latency", "service": "sts", "milliseconds": 300})
    sts = own.client("sts", CONSUMER)
    begun = time.monotonic()
    sts.get_caller_identity()
    assert time.monotonic() - begun >= 0.3


def test_time_that_is_advanced_ends_sessions(own: Cloud) -> None:
    keys = own.control(f"credentials?account={CONSUMER}&role=analyst")
    own.control("clock", {"offset_seconds": 3601})
    assert refused(own.client_of("glue", keys).get_databases) == "ExpiredTokenException"
    assert refused(own.client_of("s3", keys).list_buckets) == "ExpiredToken"
    assert refused(own.client_of("sts", keys).get_caller_identity) == "ExpiredToken"


def test_calls_are_recorded_with_who_and_how_they_ended(own: Cloud) -> None:
    last = max((call["number"] for call in own.control("calls")), default=0)
    refused(own.client("iam", CONSUMER, "analyst").list_roles)
    call = own.control(f"calls?since={last}")[-1]
    assert (call["service"], call["operation"], call["error"]) == ("iam", "ListRoles", "AccessDenied")
    assert call["principal"] == f"arn:aws:sts::{CONSUMER}:assumed-role/analyst/control"
    assert call["account"] == CONSUMER


def test_reset_goes_back_to_the_seed_and_keeps_long_lived_keys(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Cloud.start(tmp_path_factory.mktemp("reset"), seed=str(MESH), manners="polite") as fresh:
        worker = fresh.control(f"credentials?account={CENTRAL}&role=automation")
        session = fresh.control(f"credentials?account={CONSUMER}&role=analyst")
        fresh.client("glue", CENTRAL).delete_table(DatabaseName="shop_gold", Name="returns")
        fresh.control("reset", method="POST")
        names = fresh.client("glue", CENTRAL).get_tables(DatabaseName="shop_gold")["TableList"]
        assert "returns" in {table["Name"] for table in names}
        assert fresh.client_of("sts", worker).get_caller_identity()["Account"] == CENTRAL
        assert refused(fresh.client_of("sts", session).get_caller_identity) == "InvalidClientTokenId"
