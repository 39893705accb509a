"""Quotas as they are published and as they were set, and that those said to be enforced are."""

from pathlib import Path
from typing import Any

import pytest

from mocklake.seeds.mesh_file import SeedError
from mocklake.servicequotas import QUOTAS
from mocklake.testing.checks import refused
from mocklake.testing.in_process import ControlError, InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR, REGION

DATABASES = {"ServiceCode": "glue", "QuotaCode": "L-F953935E"}


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def _set(aws: InProcess, service: str, code: str, value: float, account: str = CENTRAL) -> None:
    asked = {"account": account, "region": REGION, "service": service, "code": code, "value": value}
    aws.control("quotas", asked)


def test_a_quota_has_its_default_until_it_is_set(aws: InProcess) -> None:
    quotas = aws.client("service-quotas", CENTRAL)
    _set(aws, "glue", "L-F953935E", 3)
    shown = quotas.get_service_quota(**DATABASES)["Quota"]
    assert (shown["Value"], shown["QuotaName"], shown["Adjustable"]) == (
        3.0,
        "Max databases per account",
        True,
    )
    assert shown["QuotaArn"] == f"arn:aws:servicequotas:{REGION}:{CENTRAL}:glue/L-F953935E"
    assert quotas.get_aws_default_service_quota(**DATABASES)["Quota"]["Value"] == 10_000.0
    assert aws.client("service-quotas", CONSUMER).get_service_quota(**DATABASES)["Quota"]["Value"] == 10_000.0


def test_quotas_are_listed_by_service_and_page(aws: InProcess) -> None:
    quotas = aws.client("service-quotas", CENTRAL)
    pages = quotas.get_paginator("list_service_quotas").paginate(
        ServiceCode="glue", PaginationConfig={"PageSize": 2}
    )
    codes = [one["QuotaCode"] for page in pages for one in page["Quotas"]]
    assert codes == sorted(one.code for one in QUOTAS if one.service == "glue")
    defaults = quotas.list_aws_default_service_quotas(ServiceCode="ram")["Quotas"]
    assert [one["ServiceName"] for one in defaults] == ["AWS Resource Access Manager (AWS RAM)"]
    assert [one["ServiceCode"] for one in quotas.list_services()["Services"]] == [
        "athena",
        "glue",
        "lakeformation",
        "ram",
    ]


@pytest.mark.parametrize(
    "asked", [{"ServiceCode": "none", "QuotaCode": "L-1"}, {**DATABASES, "QuotaCode": "L-1"}]
)
def test_what_is_not_known_is_refused(aws: InProcess, asked: dict[str, str]) -> None:
    assert (
        refused(aws.client("service-quotas", CENTRAL).get_service_quota, **asked) == "NoSuchResourceException"
    )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"account": CENTRAL, "region": REGION, "service": "glue", "code": "L-1", "value": 1},
        {"account": "000000000000", "region": REGION, "service": "glue", "code": "L-F953935E", "value": 1},
        {"account": CENTRAL, "region": REGION, "service": "glue", "code": "L-F953935E", "value": -1},
    ],
)
def test_a_quota_that_cannot_be_is_not_set(aws: InProcess, asked: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        aws.control("quotas", asked)


def test_databases_and_tables_are_limited(aws: InProcess) -> None:
    glue = aws.client("glue", CENTRAL)
    _set(aws, "glue", "L-F953935E", 3)
    glue.create_database(DatabaseInput={"Name": "third"})
    limited = "ResourceNumberLimitExceededException"
    assert refused(glue.create_database, DatabaseInput={"Name": "fourth"}) == limited
    _set(aws, "glue", "L-B8497671", 1)
    glue.create_table(DatabaseName="third", TableInput={"Name": "a"})
    assert refused(glue.create_table, DatabaseName="third", TableInput={"Name": "b"}) == limited


def test_tags_and_their_values_are_limited(aws: InProcess) -> None:
    lake = aws.client("lakeformation", CENTRAL, "admin")
    _set(aws, "lakeformation", "mocklake-lf-tags", 3)
    lake.create_lf_tag(TagKey="third", TagValues=["a", "b"])
    limited = "ResourceNumberLimitExceededException"
    assert refused(lake.create_lf_tag, TagKey="fourth", TagValues=["a"]) == limited
    _set(aws, "lakeformation", "mocklake-lf-tag-values", 2)
    assert refused(lake.update_lf_tag, TagKey="third", TagValuesToAdd=["c"]) == "InvalidInputException"


def test_a_quota_is_set_in_a_seed(tmp_path: Path) -> None:
    text = Path(PAIR).read_text()
    value = f'{{account: "{CENTRAL}", region: {REGION}, service: glue, code: %s, value: 2}}'
    for code in ("L-F953935E", "L-0"):
        (tmp_path / f"{code}.yaml").write_text(f"{text}\nquotas: [{value % code}]\n")
    quotas = InProcess(str(tmp_path / "L-F953935E.yaml")).client("service-quotas", CENTRAL)
    assert quotas.get_service_quota(**DATABASES)["Quota"]["Value"] == 2.0
    with pytest.raises(SeedError, match=r"quotas\[0\]"):
        InProcess(str(tmp_path / "L-0.yaml"))
