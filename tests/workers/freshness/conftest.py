"""A table of the bank in the pretend AWS, in a product that promises to be a day old at most."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from catalog.freshness import TableFreshness
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from demo.bank.accounts import GOVERNANCE, INSURANCE
from mocklake.testing.server import Cloud
from tests import factories
from tests.database import as_role
from tests.worker_cloud import use_cloud
from tests.workers.aws_setup import make_account
from workers.freshness import read_freshness

BUCKET, DATABASE = "harbour-insurance-gold", "insurance_gold"


@dataclass
class Measured:
    cloud: Cloud
    claims: Table
    product: DataProduct

    def read(self, table: Table | None = None) -> TableFreshness:
        table = table or self.claims
        with as_role("meshmarket_worker"):
            read_freshness(table.pk)
        return TableFreshness.objects.get(table=table)

    def put(self, key: str, body: bytes = b"rows") -> Any:
        """Returns when it was written."""
        s3 = self.cloud.client("s3", INSURANCE)
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return s3.head_object(Bucket=BUCKET, Key=key)["LastModified"]

    def make(self, name: str, partition: str = "", **parameters: str) -> Table:
        """A table in Glue and its row in the mirror, in a folder of its name."""
        glue = self.cloud.client("glue", GOVERNANCE)
        keys = [{"Name": partition, "Type": "string"}] if partition else []
        storage = {
            "Columns": [{"Name": "id", "Type": "int"}], "Location": f"s3://{BUCKET}/{name}",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }  # fmt: skip
        glue.create_table(
            DatabaseName=DATABASE,
            TableInput={
                "Name": name,
                "StorageDescriptor": storage,
                "PartitionKeys": keys,
                "Parameters": parameters,
            },
        )
        return factories.make_table(self.claims.database, name)

    def make_iceberg(self, name: str, *snapshots: dict[str, Any]) -> Table:
        key = f"{name}/metadata/00001-a.metadata.json"
        current = snapshots[-1]["snapshot-id"] if snapshots else -1
        metadata = {"format-version": 2, "current-snapshot-id": current, "snapshots": snapshots}
        self.put(key, json.dumps(metadata).encode())
        return self.make(name, table_type="ICEBERG", metadata_location=f"s3://{BUCKET}/{key}")


@pytest.fixture
def measured(db: None, cloud: Cloud) -> Iterator[Measured]:
    team = factories.make_team("Insurance", owners=[owner := factories.make_person("Ines Roth")])
    account = make_account(GOVERNANCE, team)
    catalog = factories.make_catalog(account)
    domain = factories.make_domain(team)
    claims = factories.make_table(factories.make_database(catalog, domain, DATABASE))
    product = factories.make_product(domain, owner, [claims])
    DataProduct.objects.filter(pk=product.pk).update(freshness_hours=24)
    with use_cloud(cloud):
        yield Measured(cloud, claims, product)
    cloud.control("reset", method="POST")
