"""Manners: how they are chosen and kept, and what aws-like ones do to calls."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mocklake.manners import AWS_LIKE, RATES
from mocklake.seeds.mesh_file import SeedError
from mocklake.testing.in_process import ControlError, InProcess
from mocklake.testing.server import Cloud

ACCOUNT = "111111111111"
SALES = "100000000001"


def name(aws: InProcess | Cloud) -> str:
    return str(aws.control("manners")["name"])


def test_default_is_aws_like() -> None:
    told = InProcess().control("manners")
    assert told["name"] == "aws-like"
    assert told["rates"]["cloudtrail:LookupEvents"]["per_second"] == 2


def test_seed_names_manners_and_start_prevails(tmp_path: Path) -> None:
    seed = tmp_path / "mesh.yaml"
    seed.write_text(f'manners: polite\naccounts: [{{id: "{ACCOUNT}", name: alone}}]\n')
    assert name(InProcess(str(seed))) == "polite"
    assert name(InProcess(str(seed), manners="aws-like")) == "aws-like"
    seed.write_text(f'manners: rude\naccounts: [{{id: "{ACCOUNT}", name: alone}}]\n')
    with pytest.raises(SeedError, match="manners are aws-like or polite, not 'rude'"):
        InProcess(str(seed))


def test_change_survives_reset_and_restart(tmp_path: Path) -> None:
    with Cloud.start(tmp_path) as cloud:
        cloud.control("manners", {"name": "polite", "write_milliseconds": 3, "rates": {"glue:reads": [2, 5]}})
        cloud.control("reset", {})
        changed = cloud.control("manners")
        assert (changed["name"], changed["write_milliseconds"]) == ("polite", 3)
        assert changed["rates"]["glue:reads"]["burst"] == 5
        cloud.end()
        cloud.begin()
        assert cloud.control("manners") == changed
        assert cloud.control("switches")["short_page_seed"]["value"] == 0


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "rude"},
        {"name": 7},
        {"seed": -1},
        {"overlaps": 1},
        {"rates": {"glue": [1, 2]}},
        {"rates": {"glue:reads": [0, 1]}},
        {"rates": {"glue:reads": 1}},
        {"rates": []},
        {"speed": 1},
    ],
)
def test_unknown_settings_change_nothing(wanted: dict[str, Any]) -> None:
    aws = InProcess()
    with pytest.raises(ControlError):
        aws.control("manners", wanted)
    assert name(aws) == "aws-like"
    assert not aws.control("manners")["is_chosen"]


def test_calls_beyond_the_burst_are_throttled_until_time_passes() -> None:
    aws = InProcess()
    aws.control("manners", {"rates": {"lakeformation:ListPermissions": [0.001, 3]}})
    lake = aws.client("lakeformation", ACCOUNT)
    for _ in range(3):
        lake.list_permissions()
    with pytest.raises(ClientError, match="Rate exceeded") as refused:
        lake.list_permissions()
    assert refused.value.response["Error"]["Code"] == "ThrottledException"
    aws.client("lakeformation", ACCOUNT, region="eu-west-1").list_permissions()
    lake.list_resources()
    aws.control("clock", {"offset_seconds": 1000})
    lake.list_permissions()


def test_every_rate_names_its_source() -> None:
    sources = {rate.source.split(" ")[0].rstrip(":") for rate in RATES.values()}
    assert sources == {"AWS", "field", "assumed"}


def grants_at_once(aws: InProcess, tables: tuple[str, ...]) -> list[str]:
    lake = aws.client("lakeformation", SALES)

    def grant(asked: tuple[int, str]) -> str:
        number, table = asked
        who = {"DataLakePrincipalIdentifier": ["100000000002", "100000000003"][number]}
        try:
            lake.grant_permissions(
                Principal=who,
                Resource={"Table": {"DatabaseName": "sales", "Name": table}},
                Permissions=["DESCRIBE"],
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "done"

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(grant, enumerate(tables)))


def test_overlapping_grants_on_one_table_collide() -> None:
    aws = InProcess("example")
    aws.control("manners", {"write_milliseconds": 400})
    assert grants_at_once(aws, ("orders", "orders")) == ["ConcurrentModificationException", "done"]
    aws.control("manners", {"name": "polite"})
    assert grants_at_once(aws, ("orders", "orders")) == ["done", "done"]


def listed(aws: InProcess) -> set[str]:
    lake = aws.client("lakeformation", SALES)
    rows: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"Resource": {"Table": {"DatabaseName": "sales", "Name": "orders"}}}
    while True:
        page = lake.list_permissions(**asked)
        rows += page["PrincipalResourcePermissions"]
        if "NextToken" not in page:
            return {row["Principal"]["DataLakePrincipalIdentifier"] for row in rows}
        asked["NextToken"] = page["NextToken"]


def seen_by_time(seed: int) -> list[set[str]]:
    """Who is listed, of three that were granted at once, at each of ten moments within the time of delay."""
    aws = InProcess("example")
    aws.control("manners", {"seed": seed, "late_listing_milliseconds": 1_000_000})
    readers = {"100000000002", "100000000003", f"arn:aws:iam::{SALES}:role/lake-admin"}
    before = listed(aws) & readers
    lake = aws.client("lakeformation", SALES)
    for reader in sorted(readers - before):
        lake.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": reader},
            Resource={"Table": {"DatabaseName": "sales", "Name": "orders"}},
            Permissions=["DESCRIBE"],
        )
    found = []
    for step in range(11):
        aws.control("clock", {"offset_seconds": step * 101})
        found.append((listed(aws) & readers) - before)
    assert found[-1] == readers - before
    return found


def test_grants_are_listed_late_each_after_a_time_of_its_own() -> None:
    first = seen_by_time(1)
    assert first == seen_by_time(1)
    assert first[0] != first[-1]
    assert any(seen_by_time(seed) != first for seed in (2, 3, 4))


def test_polite_world_is_prompt_and_whole() -> None:
    aws = InProcess("example", manners="polite")
    values = {key: one["value"] for key, one in aws.control("switches").items()}
    assert (values["late_listing_milliseconds"], values["empty_page_seed"], values["short_page_seed"]) == (
        0,
        0,
        0,
    )
    assert AWS_LIKE.get_rate("glue", "GetTables") is not None
    glue = aws.client("glue", SALES)
    for _ in range(150):
        glue.get_databases()
