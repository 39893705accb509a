"""A table as a producer registers it in the governance catalog, and the database that it lies in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.values.locations import Location
from lakeformation.values.permissions import DataCatalog
from lakeformation.values.table_storage import TableStorage

REGISTRATION_PARAMETER = "meshmarket_registration"
"""The parameter by which a table is known as made for a registration, whose id it holds; of a database it is `MADE_HERE`."""
MADE_HERE = "database"
DATA_FORMATS: Mapping[str, tuple[str, str, str]] = {
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "json": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
    ),
    "csv": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.apache.hadoop.hive.serde2.OpenCSVSerde",
    ),
}
"""Input format, output format and SerDe of each data format, as in Glue (Athena user guide, "supported SerDes")."""
TABLE_INPUT_MEMBERS = frozenset(
    (
        "Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "Retention", "StorageDescriptor",
        "PartitionKeys", "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable",
    )
)  # fmt: skip
"""Members of a table that UpdateTable takes; GetTable returns more."""
STORAGE_MEMBERS = frozenset(
    (
        "InputFormat",
        "OutputFormat",
        "SerdeInfo",
        "Compressed",
        "BucketColumns",
        "NumberOfBuckets",
        "SortColumns",
    )
)
"""Members of a StorageDescriptor that are a `TableStorage`."""


@dataclass(frozen=True, order=True)
class RegisteredColumn:
    """`type` as in Glue; `comment` may be empty."""

    name: str
    type: str
    comment: str = ""

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "type": self.type, "comment": self.comment}

    def to_glue(self) -> dict[str, str]:
        comment = {"Comment": self.comment} if self.comment else {}
        return {"Name": self.name, "Type": self.type, **comment}

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> "RegisteredColumn":
        return cls(value["name"], value["type"], value["comment"])


@dataclass(frozen=True, order=True)
class RegisteredDatabase:
    """A database of the governance catalog that is made because a registered table lies in it."""

    catalog: DataCatalog
    name: str

    @property
    def resource(self) -> str:
        return self.name

    def to_json(self) -> dict[str, Any]:
        return {"catalog": self.catalog.to_json(), "registered_database": self.name}

    def to_glue(self) -> dict[str, Any]:
        """Without default permissions: else IAMAllowedPrincipals would hold each table that is made in it."""
        return {
            "Name": self.name,
            "Parameters": {REGISTRATION_PARAMETER: MADE_HERE},
            "CreateTableDefaultPermissions": [],
        }


@dataclass(frozen=True, order=True)
class RegisteredTable:
    """The table that a registration makes. `location` is its S3 URI, `registration` the id of the registration, and
    `parameters` are further ones of the table, by name. `replaces` are the columns that an approved schema update
    replaces by `columns`; None where there was no update. `storage` is that of the source; None where there is none.
    `replaces_storage` is the one before an update that changes it.
    """

    catalog: DataCatalog
    database: str
    name: str
    registration: int
    location: str
    location_role: str
    data_format: str
    columns: tuple[RegisteredColumn, ...]
    partition_keys: tuple[RegisteredColumn, ...] = ()
    description: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    replaces: tuple[RegisteredColumn, ...] | None = None
    storage: TableStorage | None = None
    replaces_storage: TableStorage | None = None

    @property
    def resource(self) -> str:
        return f"{self.database}/{self.name}"

    @property
    def mark(self) -> str:
        """The value of its parameter `REGISTRATION_PARAMETER`."""
        return str(self.registration)

    @property
    def container(self) -> RegisteredDatabase:
        """The database that it lies in."""
        return RegisteredDatabase(self.catalog, self.database)

    @property
    def data_location(self) -> Location:
        """The data location that must be registered before anybody reads it through Lake Formation."""
        path = self.location.removeprefix("s3://").rstrip("/")
        return Location(self.catalog, f"arn:aws:s3:::{path}", self.location_role)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "registered table",
            "catalog": self.catalog.to_json(),
            "database": self.database,
            "table": self.name,
            "registration": self.registration,
            "location": self.location,
            "location_role": self.location_role,
            "data_format": self.data_format,
            "columns": [one.to_json() for one in self.columns],
            "partition_keys": [one.to_json() for one in self.partition_keys],
            "description": self.description,
            "parameters": dict(self.parameters),
            **({} if self.replaces is None else {"replaces": [one.to_json() for one in self.replaces]}),
            **({} if self.storage is None else {"storage": self.storage.to_json()}),
            **(
                {} if self.replaces_storage is None else {"replaces_storage": self.replaces_storage.to_json()}
            ),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "RegisteredTable":
        return cls(
            DataCatalog(*value["catalog"]),
            value["database"],
            value["table"],
            value["registration"],
            value["location"],
            value["location_role"],
            value["data_format"],
            _parse_columns(value["columns"]),
            _parse_columns(value["partition_keys"]),
            value["description"],
            tuple(sorted(value["parameters"].items())),
            _parse_columns(value["replaces"]) if "replaces" in value else None,
            TableStorage.from_json(value["storage"]) if "storage" in value else None,
            TableStorage.from_json(value["replaces_storage"]) if "replaces_storage" in value else None,
        )

    def to_glue(self) -> dict[str, Any]:
        """Its TableInput."""
        storage = self.storage or get_usual_storage(self.data_format)
        return {
            "Name": self.name,
            "TableType": "EXTERNAL_TABLE",
            **({"Description": self.description} if self.description else {}),
            "Parameters": {
                "classification": self.data_format,
                **dict(storage.parameters),
                **dict(self.parameters),
                REGISTRATION_PARAMETER: self.mark,
            },
            "PartitionKeys": [one.to_glue() for one in self.partition_keys],
            "StorageDescriptor": {
                "Columns": [one.to_glue() for one in self.columns],
                "Location": self.location,
                **storage.to_glue(),
            },
        }


def get_usual_storage(data_format: str) -> TableStorage:
    """How files of the format are read where no source says it."""
    return TableStorage(*DATA_FORMATS[data_format])


def build_updated_input(row: Mapping[str, Any], table: RegisteredTable) -> dict[str, Any]:
    """The TableInput that gives a table of Glue the columns of `table`, and its storage if that is to be replaced; all else is
    kept. `row` is as Glue returned it.
    """
    kept = {name: value for name, value in row.items() if name in TABLE_INPUT_MEMBERS}
    storage = {**row.get("StorageDescriptor", {}), "Columns": [one.to_glue() for one in table.columns]}
    before, after = table.replaces_storage, table.storage
    if before is None or after is None:
        return {**kept, "StorageDescriptor": storage}
    gone = {name for name, _ in before.parameters}
    parameters = {name: text for name, text in row.get("Parameters", {}).items() if name not in gone}
    rest = {name: value for name, value in storage.items() if name not in STORAGE_MEMBERS}
    return {
        **kept,
        "Parameters": {**parameters, **dict(after.parameters)},
        "StorageDescriptor": {**rest, **after.to_glue()},
    }


def _parse_columns(values: Iterable[Mapping[str, str]]) -> tuple[RegisteredColumn, ...]:
    return tuple(map(RegisteredColumn.from_json, values))
