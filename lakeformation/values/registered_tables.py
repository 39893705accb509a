"""A table as a producer registers it in the governance catalog, and the database that it lies in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeformation.values.arn import Location
from lakeformation.values.permissions import DataCatalog

CARRIED_PARAMETERS: Mapping[str, str] = {
    "skip.header.line.count": "Athena and Spark read the first lines as rows without it",
    "skip.footer.line.count": "readers take the last lines for rows without it",
    "serialization.null.format": "says which text is no value",
    "serialization.encoding": "says how text is encoded",
    "has_encrypted_data": "Athena reads encrypted objects only with it",
    "compressiontype": "says how text files are compressed",
    "parquet.compress": "engines write further files with it",
    "orc.compress": "engines write further files with it",
    "table_type": "names the format of open table formats, such as ICEBERG and DELTA",
    "metadata_location": "readers of Iceberg find the current version by it",
    "previous_metadata_location": "writers of Iceberg check it",
    "spark.sql.sources.provider": "Spark chooses the reader by it",
    "delta.lastcommittimestamp": "readers of Delta compare their schema with it",
    "delta.lastupdateversion": "readers of Delta compare their schema with it",
    "storage.location.template": "says where the files of a projected partition are",
}
"""Parameters of a table that readers need, in lower case, and why."""
CARRIED_PREFIXES: Mapping[str, str] = {
    "projection.": "partition projection: Athena computes the partitions, so none are in the catalog",
    "spark.sql.partitionprovider": "Spark reads the partitions from the catalog by it",
}
MOVING_PARAMETERS = frozenset(
    (
        "metadata_location",
        "previous_metadata_location",
        "delta.lastcommittimestamp",
        "delta.lastupdateversion",
    )
)
"""Each write to the table changes them, so that another value is no drift."""
FOLLOWED_PARAMETERS = frozenset(("metadata_location", "previous_metadata_location"))
"""By these a registered Iceberg table follows its source: they say which version of the table readers see."""

Parameters = tuple[tuple[str, str], ...]


def is_iceberg(parameters: Mapping[str, str]) -> bool:
    """By the parameters of a table."""
    return any(
        name.lower() == "table_type" and text.upper() == "ICEBERG" for name, text in parameters.items()
    )


def is_carried(name: str) -> bool:
    """Whether a registered table takes over this parameter of its source."""
    lower = name.lower()
    return lower in CARRIED_PARAMETERS or lower.startswith(tuple(CARRIED_PREFIXES))


@dataclass(frozen=True, order=True)
class Bucketing:
    """Into how many files the rows of a partition are divided, by the hash of which columns, and how each file is sorted:
    readers skip files by it, and join without moving rows. `sorting` holds "column asc" or "column desc".
    """

    columns: tuple[str, ...]
    count: int
    sorting: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"columns": list(self.columns), "count": self.count, "sorting": list(self.sorting)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Bucketing":
        return cls(tuple(value["columns"]), value["count"], tuple(value["sorting"]))

    @classmethod
    def from_glue(cls, storage: Mapping[str, Any]) -> "Bucketing | None":
        """The buckets of a StorageDescriptor; None if the table has none."""
        columns, count = storage.get("BucketColumns") or (), int(storage.get("NumberOfBuckets") or 0)
        if not columns or count < 1:
            return None
        sorting = (
            f"{sort_column['Column']} {'asc' if sort_column.get('SortOrder') else 'desc'}"
            for sort_column in storage.get("SortColumns") or ()
        )
        return cls(tuple(columns), count, tuple(sorting))

    def to_glue(self) -> dict[str, Any]:
        """Members of a StorageDescriptor."""
        parts = (one.rpartition(" ") for one in self.sorting)
        sorting = [{"Column": name, "SortOrder": int(order == "asc")} for name, _, order in parts]
        return {
            "BucketColumns": list(self.columns),
            "NumberOfBuckets": self.count,
            **({"SortColumns": sorting} if sorting else {}),
        }


@dataclass(frozen=True, order=True)
class TableStorage:
    """`parameters` are those of the table that `is_carried`; `serde_parameters` are all of its SerDe."""

    input_format: str
    output_format: str
    serde: str
    serde_parameters: Parameters = ()
    parameters: Parameters = ()
    is_compressed: bool = False
    bucketing: Bucketing | None = None

    @property
    def followed(self) -> dict[str, str]:
        """Its `FOLLOWED_PARAMETERS`, by lower-case name."""
        lower = ((name.lower(), text) for name, text in self.parameters)
        return {name: text for name, text in lower if name in FOLLOWED_PARAMETERS}

    @property
    def lasting(self) -> "TableStorage":
        """Without what each write to the table changes."""
        kept = (parameter for parameter in self.parameters if parameter[0].lower() not in MOVING_PARAMETERS)
        return replace(self, parameters=tuple(kept))

    def to_json(self) -> dict[str, Any]:
        return {
            "input_format": self.input_format,
            "output_format": self.output_format,
            "serde": self.serde,
            "serde_parameters": dict(self.serde_parameters),
            "parameters": dict(self.parameters),
            "is_compressed": self.is_compressed,
            **({} if self.bucketing is None else {"bucketing": self.bucketing.to_json()}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TableStorage":
        return cls(
            value["input_format"],
            value["output_format"],
            value["serde"],
            tuple(sorted(value["serde_parameters"].items())),
            tuple(sorted(value["parameters"].items())),
            value["is_compressed"],
            Bucketing.from_json(value["bucketing"]) if "bucketing" in value else None,
        )

    def to_glue(self) -> dict[str, Any]:
        """Members of a StorageDescriptor. An Iceberg table may have no SerDe: its readers go by its metadata."""
        serde: dict[str, Any] = {"SerializationLibrary": self.serde} if self.serde else {}
        if self.serde_parameters:
            serde["Parameters"] = dict(self.serde_parameters)
        named = {"InputFormat": self.input_format, "OutputFormat": self.output_format, "SerdeInfo": serde}
        return {
            **{name: value for name, value in named.items() if value},
            **({"Compressed": True} if self.is_compressed else {}),
            **(self.bucketing.to_glue() if self.bucketing else {}),
        }


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
            "columns": [column.to_json() for column in self.columns],
            "partition_keys": [key.to_json() for key in self.partition_keys],
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
            "PartitionKeys": [key.to_glue() for key in self.partition_keys],
            "StorageDescriptor": {
                "Columns": [column.to_glue() for column in self.columns],
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
    storage = {**row.get("StorageDescriptor", {}), "Columns": [column.to_glue() for column in table.columns]}
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


def list_current_columns(rows: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Without those that an Iceberg table has lost: Glue keeps them beside the others, as history."""
    return [row for row in rows or () if not ("Parameters" in row and _is_dropped(row))]


def _is_dropped(row: Mapping[str, Any]) -> bool:
    value = (row["Parameters"] or {}).get("iceberg.field.current")
    return str(value).lower() == "false"
