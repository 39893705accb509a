"""What Hive names for each format: the input, the output and the SerDe of a table.

Source: Apache Hive, "LanguageManual DDL", row formats and storage formats; Athena User Guide, supported-serdes.
"""

from typing import Any

_HIVE = "org.apache.hadoop.hive"
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY_SIMPLE = f"{_HIVE}.serde2.lazy.LazySimpleSerDe"
JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"
FORMATS = {
    "PARQUET": (
        f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat",
        f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "ORC": (
        f"{_HIVE}.ql.io.orc.OrcInputFormat", f"{_HIVE}.ql.io.orc.OrcOutputFormat", f"{_HIVE}.ql.io.orc.OrcSerde",
    ),
    "AVRO": (
        f"{_HIVE}.ql.io.avro.AvroContainerInputFormat",
        f"{_HIVE}.ql.io.avro.AvroContainerOutputFormat",
        f"{_HIVE}.serde2.avro.AvroSerDe",
    ),
    "TEXTFILE": (TEXT_INPUT, TEXT_OUTPUT, LAZY_SIMPLE),
    "JSON": (TEXT_INPUT, TEXT_OUTPUT, JSON_SERDE),
    "JSONFILE": (TEXT_INPUT, TEXT_OUTPUT, JSON_SERDE),
}  # fmt: skip


def storage(kind: str) -> dict[str, Any]:
    """Members of a StorageDescriptor; KeyError for a format that there is not."""
    reads, writes, serde = FORMATS[kind]
    return {
        "InputFormat": reads,
        "OutputFormat": writes,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": {"serialization.format": "1"}},
    }


def kind_of(serde: str) -> str:
    """The format by its SerDe's class; PARQUET for a table that names none."""
    name = serde.lower()
    for part, kind in (
        ("orc", "ORC"),
        ("avro", "AVRO"),
        ("json", "JSON"),
        ("opencsv", "CSV"),
        ("lazysimple", "TEXTFILE"),
    ):
        if part in name.rsplit(".", 1)[-1]:
            return kind
    return "PARQUET"
