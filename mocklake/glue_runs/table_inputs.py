"""Tables and partitions as a crawler writes them."""

from typing import Any

from mocklake.glue_runs.folders import Laid
from mocklake.glue_runs.schemas import Schema

_TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_FORMATS = {
    "parquet": ("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
    "json": (_TEXT_IN, _TEXT_OUT, "org.openx.data.jsonserde.JsonSerDe"),
    "csv": (_TEXT_IN, _TEXT_OUT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
}  # fmt: skip


def table_input(name: str, location: str, laid: Laid, crawler: str) -> dict[str, Any]:
    """Partition keys are strings (botocore model, GetPartitions)."""
    columns = [{"Name": one, "Type": kind} for one, kind in laid.schema.columns if one not in laid.keys]
    parameters = {
        "UPDATED_BY_CRAWLER": crawler,
        "CrawlerSchemaSerializerVersion": "1.0",
        "CrawlerSchemaDeserializerVersion": "1.0",
        "classification": laid.schema.kind,
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": str(sum(len(names) for names in laid.parts.values())),
    }
    if laid.schema.kind == "csv":
        parameters |= {
            "delimiter": laid.schema.delimiter,
            "areColumnsQuoted": "false",
            "columnsOrdered": "true",
        }
        parameters |= {"skip.header.line.count": "1"} if laid.schema.heading else {}
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in laid.keys],
        "StorageDescriptor": _storage(location, laid.schema) | {"Columns": columns},
    }


def partition_input(values: tuple[str, ...], location: str, table: dict[str, Any]) -> dict[str, Any]:
    """With the table's columns and format."""
    storage = {**table["StorageDescriptor"], "Location": location}
    kept = ("classification", "compressionType", "typeOfData", "CrawlerSchemaDeserializerVersion")
    parameters = {name: table["Parameters"][name] for name in kept}
    return {"Values": list(values), "StorageDescriptor": storage, "Parameters": parameters}


def _storage(location: str, schema: Schema) -> dict[str, Any]:
    reading, writing, library = _FORMATS[schema.kind]
    parameters = {"csv": {"field.delim": schema.delimiter}, "parquet": {"serialization.format": "1"}}
    return {
        "Location": location,
        "InputFormat": reading,
        "OutputFormat": writing,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": library,
            "Parameters": parameters.get(schema.kind, {"paths": ",".join(sorted(dict(schema.columns)))}),
        },
        "StoredAsSubDirectories": False,
    }
