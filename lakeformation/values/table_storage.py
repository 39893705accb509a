"""How the files of a table are read: what a registered table takes over from its source."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

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
        """Of a StorageDescriptor; None if the table has no buckets."""
        columns, count = storage.get("BucketColumns") or (), int(storage.get("NumberOfBuckets") or 0)
        if not columns or count < 1:
            return None
        sorting = (
            f"{one['Column']} {'asc' if one.get('SortOrder') else 'desc'}"
            for one in storage.get("SortColumns") or ()
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
        kept = (one for one in self.parameters if one[0].lower() not in MOVING_PARAMETERS)
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
