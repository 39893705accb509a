"""A catalog of any size, the same in each run: tables in GetTables' shape, half of whose words are rare."""

import random
from collections.abc import Iterator
from typing import Any

PER_DATABASE, COLUMNS = 200, 20
ACCOUNT = "123456789012"
BORN = 1_700_000_000
_USUAL_TEXT = """customer order invoice payment shipment product price stock supplier contract account ledger balance
transfer card loan mortgage claim policy premium patient visit device sensor event session campaign asset vehicle
trip station meter forecast market trade position risk exposure counterparty rating portfolio fund refund store
region country household segment churn plan usage audit role tenant vendor budget cost revenue tax currency
fraud alert case document stream metric trace build task"""
USUAL = _USUAL_TEXT.split()
_KINDS_TEXT = """id code name type status amount quantity date time flag count ratio score level reason channel reference
version number unit owner created updated start end"""
_KINDS = _KINDS_TEXT.split()
_FILLING_TEXT = """contains one row per with values loaded from source system every night used by finance reporting team keyed
on business identifier including status flags and timestamps for analysis of trends quality checked retention
years contact before joining late records corrected next run derived metrics"""
_FILLING = _FILLING_TEXT.split()
_TYPES = (
    "string",
    "bigint",
    "int",
    "double",
    "decimal(18,2)",
    "date",
    "timestamp",
    "boolean",
    "array<string>",
)
_SYLLABLES_TEXT = (
    "ba ce di fo gu ka le mi no pu ra se ti vo zu bran cor del fin gar hol jen kor mar nor pol sul ven"
)
_SYLLABLES = _SYLLABLES_TEXT.split()
_rare = random.Random(11)
RARE = ["".join(_rare.choices(_SYLLABLES, k=_rare.choice((2, 3, 3, 4)))) for _ in range(4000)]
_STORAGE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "Compressed": False,
    "NumberOfBuckets": 0,
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
    "BucketColumns": [],
    "SortColumns": [],
    "Parameters": {},
    "StoredAsSubDirectories": False,
}


def tables(count: int, *, seed: int, changed_each: int = 0) -> Iterator[dict[str, Any]]:
    """So many, database by database; with `changed_each` every so many-th has another comment, version and time."""
    lots = random.Random(seed)
    for number in range(count):
        table = _table(lots, number)
        if changed_each and number % changed_each == 0:
            table |= {"VersionId": "1", "UpdateTime": BORN + count + number}
            table["StorageDescriptor"]["Columns"][3]["Comment"] = f"changed in table {number}"
        yield table


def database_of(number: int) -> str:
    return f"db_{number // PER_DATABASE:05d}"


def _word(lots: random.Random) -> str:
    words = USUAL if lots.random() < 0.5 else RARE  # noqa: PLR2004
    return words[int(len(words) * lots.random() ** 2)]


def _table(lots: random.Random, number: int) -> dict[str, Any]:
    first, second, database = _word(lots), _word(lots), database_of(number)
    name = f"{first}_{second}_{number:06d}"
    columns = [
        {
            "Name": f"{_word(lots)}_{lots.choice(_KINDS)}_{at}",
            "Type": lots.choice(_TYPES),
            "Comment": f"{lots.choice(_KINDS)} of {_word(lots)} {lots.choice(_FILLING)}",
        }
        for at in range(COLUMNS)
    ]
    return {
        "Name": name,
        "DatabaseName": database,
        "Description": " ".join([first, second, *lots.choices(_FILLING, k=18), _word(lots), _word(lots)]),
        "Owner": f"team-{lots.choice(USUAL[:40])}",
        "CreateTime": BORN,
        "UpdateTime": BORN + number,
        "Retention": 0,
        "PartitionKeys": [],
        "TableType": "EXTERNAL_TABLE",
        "CreatedBy": f"arn:aws:iam::{ACCOUNT}:role/etl",
        "IsRegisteredWithLakeFormation": True,
        "CatalogId": ACCOUNT,
        "VersionId": "0",
        "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE", "domain": lots.choice(USUAL)},
        "StorageDescriptor": {"Columns": columns, "Location": f"s3://lake/{database}/{name}/", **_STORAGE},
    }
