"""A Python module as a seed: `apply(world)`, written with `mocklake.seeding`."""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from mocklake.seeds.mesh_file import SeedError
from mocklake.testing.in_process import REGION, ControlError, InProcess

SHOP = "100000000001"
SEED = "shop.aws"
MODULE = """
from datetime import timedelta
from mocklake.seeding import World, as_root, bucket, put_object, role, role_arn, user

SHOP = "100000000001"
VERSION = {"Version": "2012-10-17"}
TRUST = {**VERSION, "Statement": [{"Effect": "Allow", "Principal": {"AWS": SHOP}, "Action": "sts:AssumeRole"}]}
POLICY = {**VERSION, "Statement": [{"Effect": "Allow", "Action": ["glue:*"], "Resource": "*"}]}

def apply(world: World) -> None:
    world.accounts[SHOP] = "Shop"
    admin = role(world, SHOP, "admin", trust=TRUST, policy=POLICY, tags={"team": "data"}, long_lived=True)
    assert admin == role_arn(SHOP, "admin")
    user(SHOP, "clerk", policy=POLICY, tags={"team": "till"})
    bucket(SHOP, "goods", "eu-central-1", policy=POLICY)
    put_object(SHOP, "goods", "list", b"apples")
    put_object(SHOP, "goods", "old", b"pears", at=world.now() - timedelta(hours=6))
    settings = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": admin}]}
    as_root(world, SHOP, "eu-central-1", "lakeformation", "PutDataLakeSettings", DataLakeSettings=settings)
    as_root(world, SHOP, "eu-central-1", "glue", "CreateDatabase", DatabaseInput={"Name": "sales"})
    limit = {"BytesScannedCutoffPerQuery": 10_000_000}
    as_root(world, SHOP, "eu-central-1", "athena", "UpdateWorkGroup", WorkGroup="primary", ConfigurationUpdates=limit)
"""


@pytest.fixture(scope="module", autouse=True)
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    package = tmp_path_factory.mktemp("modules") / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "aws.py").write_text(MODULE)
    (package / "empty.py").touch()
    (package / "refused.py").write_text(MODULE.replace('"Name": "sales"', '"Name": ""'))
    (package / "unfit.py").write_text("import there_is_no_such_module\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(package.parent))
        yield
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def aws() -> Iterator[InProcess]:
    with InProcess(seed=SEED) as running:
        yield running


def test_an_object_may_be_older_than_the_seed(aws: InProcess) -> None:
    found = {one["Key"]: one for one in aws.client("s3", SHOP).list_objects_v2(Bucket="goods")["Contents"]}
    age = found["list"]["LastModified"] - found["old"]["LastModified"]
    assert timedelta(hours=5, minutes=59) <= age <= timedelta(hours=6, minutes=1)


def databases(aws: InProcess) -> list[str]:
    return [one["Name"] for one in aws.client("glue", SHOP).get_databases()["DatabaseList"]]


def test_it_makes_roles_users_buckets_and_what_lake_formation_and_glue_hold(aws: InProcess) -> None:
    iam, s3 = aws.client("iam", SHOP), aws.client("s3", SHOP)
    assert iam.list_role_tags(RoleName="admin")["Tags"] == [{"Key": "team", "Value": "data"}]
    assert iam.list_user_tags(UserName="clerk")["Tags"] == [{"Key": "team", "Value": "till"}]
    policy = json.loads(s3.get_bucket_policy(Bucket="goods")["Policy"])
    assert policy["Statement"][0]["Action"] == ["glue:*"]
    assert s3.get_object(Bucket="goods", Key="list")["Body"].read() == b"apples"
    assert s3.get_bucket_location(Bucket="goods")["LocationConstraint"] == REGION
    assert databases(aws) == ["sales"]
    assert aws.client("glue", SHOP, "admin").get_database(Name="sales")["Database"]["Name"] == "sales"
    group = aws.client("athena", SHOP).get_work_group(WorkGroup="primary")["WorkGroup"]
    assert group["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    assert aws.control(f"credentials?account={SHOP}&role=admin")["Expiration"] is None


@pytest.mark.parametrize(
    ("seed", "reason"),
    [
        ("shop.nothing", "there is no seed shop.nothing: Python finds no module shop.nothing"),
        ("nowhere.at.all", "there is no seed nowhere.at.all: Python finds no module nowhere"),
        ("shop.empty", "the module shop.empty is no seed: it has no apply"),
        ("shop.refused", "shop.refused: "),
    ],
)
def test_one_that_is_no_seed_or_that_aws_refuses_is_told_in_one_line(seed: str, reason: str) -> None:
    with pytest.raises(SeedError, match=reason) as told:
        InProcess(seed=seed)
    assert "\n" not in str(told.value)


def test_what_a_module_itself_lacks_is_its_own_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="there_is_no_such_module"):
        InProcess(seed="shop.unfit")


def test_a_reset_goes_back_to_the_module_that_mocklake_was_started_with(aws: InProcess) -> None:
    for asked in ({}, {"seed": "example"}, {"seed": SEED}):
        aws.client("glue", SHOP).create_database(DatabaseInput={"Name": "later"})
        aws.control("reset", asked)
    assert databases(aws) == ["sales"]


def test_a_reset_imports_no_other_module(aws: InProcess) -> None:
    aws.client("glue", SHOP).delete_database(Name="sales")
    with pytest.raises(ControlError, match="a seed only when mocklake is started with it") as refusal:
        aws.control("reset", {"seed": "shop.empty"})
    assert refusal.value.status == 400
    assert databases(aws) == []
