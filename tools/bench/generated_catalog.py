"""A catalog of any size, the same in each run: tables in GetTables' shape, half of whose words are rare."""

import random
from collections.abc import Iterator
from typing import Any

TABLES_PER_DATABASE, COLUMNS_PER_TABLE = 200, 20
ACCOUNT = "123456789012"
CREATED_AT = 1_700_000_000
_FREQUENT_TEXT = """customer order invoice payment shipment product price stock supplier contract account ledger balance
transfer card loan mortgage claim policy premium patient visit device sensor event session access review asset vehicle
trip station meter forecast market trade position risk exposure counterparty rating portfolio fund refund store
region country household segment churn plan usage audit role tenant vendor budget cost revenue tax currency
fraud alert case document stream metric trace build task"""
FREQUENT_WORDS = _FREQUENT_TEXT.split()
_NAME_PARTS_TEXT = """id code name type status amount quantity date time flag count ratio score level reason channel reference
version number unit owner created updated start end"""
_NAME_PARTS = _NAME_PARTS_TEXT.split()
_FILLER_TEXT = """contains one row per with values loaded from source system every night used by finance reporting team keyed
on business identifier including status flags and timestamps for analysis of trends quality checked retention
years contact before joining late records corrected next run derived metrics"""
_FILLER_WORDS = _FILLER_TEXT.split()
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
_rare_random = random.Random(11)
RARE_WORDS = [
    "".join(_rare_random.choices(_SYLLABLES, k=_rare_random.choice((2, 3, 3, 4)))) for _ in range(4000)
]
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


def generate_tables(count: int, *, seed: int, change_every: int = 0) -> Iterator[dict[str, Any]]:
    """So many, database by database; one in `change_every` has another comment, version and time."""
    lots = random.Random(seed)
    for number in range(count):
        table = _generate_table(lots, number)
        if change_every and number % change_every == 0:
            table |= {"VersionId": "1", "UpdateTime": CREATED_AT + count + number}
            table["StorageDescriptor"]["Columns"][3]["Comment"] = f"changed in table {number}"
        yield table


def get_database_name(number: int) -> str:
    return f"db_{number // TABLES_PER_DATABASE:05d}"


def _pick_word(lots: random.Random) -> str:
    words = FREQUENT_WORDS if lots.random() < 0.5 else RARE_WORDS  # noqa: PLR2004
    return words[int(len(words) * lots.random() ** 2)]


def _generate_table(lots: random.Random, number: int) -> dict[str, Any]:
    first, second, database = _pick_word(lots), _pick_word(lots), get_database_name(number)
    name = f"{first}_{second}_{number:06d}"
    columns = [
        {
            "Name": f"{_pick_word(lots)}_{lots.choice(_NAME_PARTS)}_{at}",
            "Type": lots.choice(_TYPES),
            "Comment": f"{lots.choice(_NAME_PARTS)} of {_pick_word(lots)} {lots.choice(_FILLER_WORDS)}",
        }
        for at in range(COLUMNS_PER_TABLE)
    ]
    return {
        "Name": name,
        "DatabaseName": database,
        "Description": " ".join(
            [first, second, *lots.choices(_FILLER_WORDS, k=18), _pick_word(lots), _pick_word(lots)]
        ),
        "Owner": f"team-{lots.choice(FREQUENT_WORDS[:40])}",
        "CreateTime": CREATED_AT,
        "UpdateTime": CREATED_AT + number,
        "Retention": 0,
        "PartitionKeys": [],
        "TableType": "EXTERNAL_TABLE",
        "CreatedBy": f"arn:aws:iam::{ACCOUNT}:role/etl",
        "IsRegisteredWithLakeFormation": True,
        "CatalogId": ACCOUNT,
        "VersionId": "0",
        "Parameters": {
            "classification": "parquet",
            "EXTERNAL": "TRUE",
            "domain": lots.choice(FREQUENT_WORDS),
        },
        "StorageDescriptor": {"Columns": columns, "Location": f"s3://lake/{database}/{name}/", **_STORAGE},
    }
