"""The road that a permission takes, as the worker, the consumer and the partner travel it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, MESH, PARTNER

LOCATION = "arn:aws:s3:::producer-shop-gold"
DATABASE = {"Database": {"Name": "shop_gold"}}
TABLE = {"Table": {"DatabaseName": "shop_gold", "Name": "customers"}}


@dataclass
class Road:
    """One consumer's side of it; `lake` is the granting account's executor."""

    cloud: Cloud
    account: str
    role: str
    lake: Any

    @property
    def who(self) -> dict[str, str]:
        return {"DataLakePrincipalIdentifier": f"arn:aws:iam::{self.account}:role/{self.role}"}

    def client(self, service: str) -> Any:
        return self.cloud.client_of(service, executor(self.cloud, self.account))

    def columns(self, *names: str) -> dict[str, Any]:
        return {"TableWithColumns": {**TABLE["Table"], "ColumnNames": list(names)}}

    def grant(self, *columns: str) -> None:
        self.lake.grant_permissions(Principal=self.who, Resource=DATABASE, Permissions=["DESCRIBE"])
        self.lake.grant_permissions(
            Principal=self.who, Resource=self.columns(*columns), Permissions=["SELECT"]
        )

    def revoke(self, *columns: str) -> None:
        self.lake.revoke_permissions(
            Principal=self.who, Resource=self.columns(*columns), Permissions=["SELECT"]
        )

    def link(self) -> None:
        target = {"CatalogId": CENTRAL, "DatabaseName": "shop_gold", "Region": "eu-central-1"}
        glue = self.client("glue")
        with contextlib.suppress(glue.exceptions.AlreadyExistsException):
            glue.create_database(DatabaseInput={"Name": "shop_gold_1111", "TargetDatabase": target})
        link = {"Database": {"CatalogId": self.account, "Name": "shop_gold_1111"}}
        self.client("lakeformation").grant_permissions(
            Principal=self.who, Resource=link, Permissions=["DESCRIBE"]
        )

    def select(self, columns: str) -> Any:
        athena = self.cloud.client("athena", self.account, self.role)
        return ask(athena, f"SELECT {columns} FROM customers LIMIT 2", "shop_gold_1111")


def executor(cloud: Cloud, account: str) -> dict[str, Any]:
    worker = cloud.client("sts", CENTRAL, "automation")
    keys: dict[str, Any] = worker.assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/lake-admin",
        RoleSessionName="worker",
        ExternalId=f"agreed-{account}",
    )["Credentials"]
    return keys


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud.start(tmp_path_factory.mktemp("road"), seed=str(MESH), manners="polite") as started:
        yield started


@pytest.fixture(scope="module")
def lake(own: Cloud) -> Any:
    """The executor's Lake Formation in governance, with the gold location registered."""
    client = own.client_of("lakeformation", executor(own, CENTRAL))
    role = f"arn:aws:iam::{CENTRAL}:role/data-access"
    client.register_resource(ResourceArn=LOCATION, RoleArn=role)
    return client


def test_bi_reads_exactly_what_it_was_granted_until_it_is_revoked(own: Cloud, lake: Any) -> None:
    road = Road(own, CONSUMER, "analyst", lake)
    road.link()
    assert road.select("customer_id").reason.startswith("Insufficient Lake Formation permission(s)")
    road.grant("customer_id", "region")
    assert road.select("*").rows[0] == ["customer_id", "region", "snapshot_date"]
    assert road.select("lifetime_value").reason.startswith("COLUMN_NOT_FOUND")
    road.revoke("region")
    assert road.select("*").rows[0] == ["customer_id", "snapshot_date"]
    road.revoke("customer_id")
    assert road.select("customer_id").reason.startswith("Insufficient Lake Formation permission(s)")


def test_the_partner_reads_nothing_before_its_account_accepts_the_invitation(own: Cloud, lake: Any) -> None:
    road = Road(own, PARTNER, "modelling", lake)
    road.grant("customer_id", "lifetime_value")
    observer = own.client("ram", PARTNER, "auditor")
    invited = observer.get_resource_share_invitations()["resourceShareInvitations"]
    assert [(one["senderAccountId"], one["status"]) for one in invited] == [(CENTRAL, "PENDING")]
    road.link()
    assert road.select("customer_id").state == "FAILED"
    arn = invited[0]["resourceShareInvitationArn"]
    road.client("ram").accept_resource_share_invitation(resourceShareInvitationArn=arn)
    answer = road.select("customer_id, lifetime_value")
    assert (answer.state, len(answer.rows)) == ("SUCCEEDED", 3)
    road.revoke("customer_id", "lifetime_value")
    assert road.select("customer_id").state == "FAILED"


def test_nothing_on_the_road_is_missing_from_mocklake(own: Cloud) -> None:
    assert own.control("unimplemented") == {}


def test_the_producers_bucket_policy_is_a_brake_for_everyone(own: Cloud, lake: Any) -> None:
    road = Road(own, CONSUMER, "analyst", lake)
    road.link()
    road.grant("region")
    assert road.select("region").state == "SUCCEEDED"
    own.client("s3", "210000000002").delete_bucket_policy(Bucket="producer-shop-gold")
    assert road.select("region").reason.startswith("PERMISSION_DENIED")
