"""What PyIceberg does with a table in the Glue catalog, through either of its file systems."""

import os
from typing import Any

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import EqualTo, GreaterThan
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

from mocklake.clients.checks.assertions import LAKE, REGION, equal, fails, holds

SCHEMA = Schema(NestedField(1, "id", LongType()), NestedField(2, "bread", StringType()))
ROWS = pa.table({"id": [1, 2, 3], "bread": ["rye", "spelt", "rye"]})


class Steps:
    """With the tables of a namespace of its own."""

    def __init__(self, file_system: str) -> None:
        self.namespace = f"iced_by_{file_system}"
        options = {"type": "glue", "warehouse": LAKE, "glue.region": REGION, "s3.region": REGION}
        names = {
            "fsspec": "pyiceberg.io.fsspec.FsspecFileIO",
            "pyarrow": "pyiceberg.io.pyarrow.PyArrowFileIO",
        }
        self.options: dict[str, Any] = {**options, "py-io-impl": names[file_system], **_addresses()}

    @property
    def catalog(self) -> Any:
        return load_catalog("lake", **self.options)

    def load(self, name: str = "orders") -> Any:
        return self.catalog.load_table((self.namespace, name))

    def count(self) -> int:
        return int(self.load().scan().to_arrow().num_rows)

    def create_namespace(self) -> None:
        self.catalog.create_namespace(self.namespace, {"comment": "Iced"})
        holds((self.namespace,) in self.catalog.list_namespaces())
        equal(self.catalog.load_namespace_properties(self.namespace)["comment"], "Iced")

    def create_table(self) -> None:
        self.catalog.create_table((self.namespace, "orders"), SCHEMA)
        equal(self.catalog.list_tables(self.namespace), [(self.namespace, "orders")])

    def refuse_second_table(self) -> None:
        with fails("TableAlreadyExistsError"):
            self.catalog.create_table((self.namespace, "orders"), SCHEMA)

    def append_rows(self) -> None:
        self.load().append(ROWS)
        equal(self.count(), 3)

    def append_many_rows(self) -> None:
        """More than five megabytes, which are written in parts."""
        many = pa.table({"id": range(400_000), "bread": [f"{n * 7919:032x}" for n in range(400_000)]})
        table = self.catalog.create_table((self.namespace, "many"), SCHEMA)
        table.append(many)
        equal(self.load("many").scan().to_arrow().num_rows, 400_000)

    def filter_rows(self) -> None:
        equal(self.load().scan(row_filter=EqualTo("bread", "rye")).to_arrow().num_rows, 2)
        equal(self.load().scan(selected_fields=("id",)).to_arrow().column_names, ["id"])

    def overwrite_rows(self) -> None:
        self.load().overwrite(ROWS)
        equal(self.count(), 3)

    def delete_rows(self) -> None:
        self.load().delete(GreaterThan("id", 2))
        equal(self.count(), 2)

    def upsert_rows(self) -> None:
        self.load().upsert(ROWS, join_cols=["id"])
        equal(self.count(), 3)

    def evolve_schema(self) -> None:
        with self.load().update_schema() as update:
            update.add_column("baker", StringType())
        holds("baker" in self.load().schema().column_names)

    def set_properties(self) -> None:
        with self.load().transaction() as transaction:
            transaction.set_properties(owner="bakery")
        equal(self.load().properties["owner"], "bakery")

    def travel_in_time(self) -> None:
        first = self.load().snapshots()[0].snapshot_id
        equal(self.load().scan(snapshot_id=first).to_arrow().num_rows, 3)
        holds(self.load().inspect.snapshots().num_rows >= 3)

    def lose_no_overlapping_commit(self) -> None:
        """The second one is refused, or made again on top of the first."""
        before, one, other = self.count(), self.load(), self.load()
        one.append(ROWS.slice(0, 1))
        try:
            other.append(ROWS.slice(1, 2))
        except CommitFailedException:
            equal(self.count(), before + 1)
        else:
            equal(self.count(), before + 3)

    def write_partitions(self) -> None:
        spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "bread"))
        table = self.catalog.create_table((self.namespace, "by_bread"), SCHEMA, partition_spec=spec)
        table.append(ROWS)
        equal(self.load("by_bread").inspect.partitions().num_rows, 2)

    def rename_table(self) -> None:
        self.catalog.rename_table((self.namespace, "by_bread"), (self.namespace, "renamed"))
        equal(self.load("renamed").scan().to_arrow().num_rows, 3)

    def drop_tables(self) -> None:
        for _, name in self.catalog.list_tables(self.namespace):
            self.catalog.drop_table((self.namespace, name))
        equal(self.catalog.list_tables(self.namespace), [])

    def drop_namespace(self) -> None:
        self.catalog.drop_namespace(self.namespace)
        holds((self.namespace,) not in self.catalog.list_namespaces())


def _addresses() -> dict[str, str]:
    keys = {"access-key-id": "AWS_ACCESS_KEY_ID", "secret-access-key": "AWS_SECRET_ACCESS_KEY"}
    found = {f"s3.{name}": os.environ[variable] for name, variable in keys.items()}
    address = os.environ["AWS_ENDPOINT_URL"]
    return {**found, "s3.endpoint": address, "glue.endpoint": address}
