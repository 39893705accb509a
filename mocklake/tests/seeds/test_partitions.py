"""Accounts of several partitions: what a seed may say of them, and that they stay where they are."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocklake import moto_bridge, partitions, seeding
from mocklake.iam.access_keys import root_key
from mocklake.scenarios.scenario import FOLDER
from mocklake.seeds import mesh_file
from mocklake.seeds.mesh_file import SeedError
from mocklake.server.simulator import LONE_ACCOUNT, Simulator
from mocklake.testing.checks import refused
from mocklake.testing.in_process import ControlError, InProcess
from mocklake.testing.server import Cloud
from mocklake.world import World

CENTRAL, CHINA, NEIGHBOUR = "111111111111", "444444444444", "555555555555"
SEED = str(FOLDER / "seeds" / "partitions.yaml")
ACCOUNT = 'accounts:\n  - {id: "444444444444", name: china, partition: aws-cn}\n'
PAIR = ACCOUNT + '  - {id: "111111111111", name: central}\n'


@pytest.fixture(autouse=True)
def _empty_moto() -> Iterator[None]:
    parked = moto_bridge.exchange({})
    yield
    moto_bridge.exchange(parked)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("us-east-1", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("nowhere", "aws"),
        ("", "aws"),
    ],
)
def test_each_region_is_in_one_partition(region: str, partition: str) -> None:
    assert partitions.of_region(region) == partition


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ACCOUNT.replace("aws-cn", "aws-mars"), "line 2: aws-mars is none of aws, aws-cn, "),
        (
            ACCOUNT + 'catalogs:\n  - {account: "444444444444", region: eu-central-1}',
            "line 4: eu-central-1 is no region of aws-cn, the partition of account 444444444444",
        ),
        (
            PAIR + 'catalogs:\n  - {account: "111111111111", region: cn-north-1}',
            "line 5: cn-north-1 is no region of aws, the partition of account 111111111111",
        ),
        (
            ACCOUNT + 'buckets:\n  - {account: "444444444444", name: lake, region: us-gov-west-1}',
            "line 4: us-gov-west-1 is no region of aws-cn",
        ),
        (
            PAIR + 'organisation: ["444444444444", "111111111111"]',
            "line 4: 111111111111 is in another partition than the others",
        ),
    ],
)
def test_what_does_not_belong_to_a_partition_is_told_by_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mesh.yaml"
    path.write_text(text)
    with pytest.raises(SeedError) as refusal:
        mesh_file.read_mesh(path)
    assert str(refusal.value).startswith(f"{path}: {message}")


def test_partitions_are_kept_over_a_stop_and_a_reset(tmp_path: Path) -> None:
    trust = '{"Version": "2012-10-17", "Statement": []}'
    with Cloud.start(tmp_path, seed=SEED, manners="polite") as cloud:
        cloud.client("iam", CHINA, region="cn-north-1").create_role(
            RoleName="new", AssumeRolePolicyDocument=trust
        )
        cloud.end()
        cloud.begin()
        assert cloud.control(f"credentials?account={CHINA}&role=new")["Arn"].startswith("arn:aws-cn:sts::")
        cloud.control("reset", {})
        assert cloud.control(f"credentials?account={CHINA}")["Arn"] == f"arn:aws-cn:iam::{CHINA}:root"
        assert cloud.control(f"credentials?account={CENTRAL}")["Arn"] == f"arn:aws:iam::{CENTRAL}:root"


def test_a_seed_in_another_partition_has_the_accounts_lasting_key_follow(tmp_path: Path) -> None:
    china, plain = tmp_path / "china.yaml", tmp_path / "plain.yaml"
    china.write_text(ACCOUNT)
    plain.write_text(ACCOUNT.replace(", partition: aws-cn", ""))
    with InProcess(str(china)) as aws:
        before = aws.control(f"credentials?account={CHINA}")
        aws.control("reset", {"seed": str(plain)})
        after = aws.control(f"credentials?account={CHINA}")
    assert before["AccessKeyId"] == after["AccessKeyId"]
    assert [before["Arn"], after["Arn"]] == [f"arn:aws-cn:iam::{CHINA}:root", f"arn:aws:iam::{CHINA}:root"]


def test_a_change_is_made_in_a_region_of_the_account() -> None:
    with InProcess(SEED) as aws, pytest.raises(ControlError, match="no region of the account's partition"):
        aws.control("change", {"do": "drop_table", "account": CHINA, "region": "eu-central-1"})


def test_the_oracle_lets_no_policy_open_a_table_to_another_partition() -> None:
    everything = {"Effect": "Allow", "Principal": "*", "Action": "glue:*"}
    rule = everything | {"Resource": f"arn:aws-cn:glue:cn-north-1:{CHINA}:*"}
    asked = f"catalog={CHINA}&region=cn-north-1&database=sales&table=orders&column=id"
    with InProcess(SEED) as aws:
        aws.client("glue", CHINA, region="cn-north-1").put_resource_policy(
            PolicyInJson=json.dumps({"Version": "2012-10-17", "Statement": [rule]})
        )
        aws.client("lakeformation", CHINA, region="cn-north-1").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
            Resource={"Table": {"DatabaseName": "sales", "Name": "orders"}},
            Permissions=["ALL"],
        )
        near = aws.control(f"oracle?principal=arn:aws-cn:iam::{NEIGHBOUR}:role/analyst&{asked}")
        far = aws.control(f"oracle?principal=arn:aws:iam::{CENTRAL}:role/admin&{asked}")
    assert (near["allowed"], far["allowed"]) == (True, False)


def test_a_key_of_another_partition_encrypts_no_catalog() -> None:
    with InProcess(SEED) as aws:
        key = aws.client("kms", CENTRAL).create_key()["KeyMetadata"]["Arn"]
        own = aws.client("kms", CHINA, region="cn-north-1").create_key()["KeyMetadata"]["Arn"]
        put = aws.client("glue", CHINA, region="cn-north-1").put_data_catalog_encryption_settings
        settings = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}
        assert (
            refused(put, DataCatalogEncryptionSettings={"EncryptionAtRest": settings})
            == "InvalidInputException"
        )
        put(DataCatalogEncryptionSettings={"EncryptionAtRest": settings | {"SseAwsKmsKeyId": own}})
    assert own.startswith("arn:aws-cn:kms:cn-north-1:")


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov"])
def test_the_one_account_without_a_seed_is_in_the_chosen_partition(partition: str) -> None:
    simulator = Simulator(None, partition=partition)
    simulator.open()
    assert root_key(simulator.world, LONE_ACCOUNT).arn == f"arn:{partition}:iam::{LONE_ACCOUNT}:root"


def test_a_seed_in_python_chooses_the_partition() -> None:
    world = World()
    seeding.account(world, CHINA, "China", partition="aws-cn")
    allows = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    assert (
        seeding.role(world, CHINA, "admin", trust={}, policy=allows) == f"arn:aws-cn:iam::{CHINA}:role/admin"
    )
    assert world.accounts == {CHINA: "China"}
