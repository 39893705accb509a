"""Which partitions an expression chooses, by the types of the keys."""

import pytest

from mocklake.errors import AwsError
from mocklake.glue.partition_expressions import NULL_VALUE, parse

TYPES = {"day": "date", "region": "string", "shard": "int", "price": "decimal(10,2)", "at": "timestamp"}
ROW = {"day": "2026-03-09", "region": "emea", "shard": "10", "price": "1.50", "at": "2026-03-09 12:00:00"}


@pytest.mark.parametrize(
    "expression",
    [
        "region = 'emea'",
        "REGION <> 'apac'",
        "shard > 9",
        "shard >= '10' and shard <= 10",
        "shard between 2 and 11",
        "shard in (1, 10)",
        "day > '2026-03-08' AND day < DATE '2026-03-10'",
        "price = 1.5",
        "at >= '2026-03-09'",
        "region like 'em%' and region not like '_'",
        "not (region = 'apac' or shard = 2)",
        "region is not null",
        "`region` = 'emea' or \"shard\" = 0",
        "region != 'it''s'",
    ],
)
def test_a_partition_is_chosen(expression: str) -> None:
    assert parse(expression, TYPES)(ROW)


@pytest.mark.parametrize(
    "expression",
    ["shard < 9", "shard = 2", "region in ('apac')", "day not between '2026-01-01' and '2026-12-31'",
     "region is null", "not region = 'emea'"],
)  # fmt: skip
def test_a_partition_is_left_out(expression: str) -> None:
    assert not parse(expression, TYPES)(ROW)


def test_null_passes_no_comparison_and_no_negation() -> None:
    row = ROW | {"shard": NULL_VALUE, "day": "no day"}
    for expression in ("shard = 1", "shard <> 1", "not shard = 1", "day > '2000-01-01'"):
        assert not parse(expression, TYPES)(row)
    assert parse("shard is null and (shard = 1 or region = 'emea')", TYPES)(row)


@pytest.mark.parametrize(
    "expression",
    ["amount = 1", "shard = 'ten'", "day = 5", "shard", "shard = 1 )", "(shard = 1", "shard ~ 1",
     "day = '2026-13-01'", "1 = 1", "region = null", "(" * 50 + "shard = 1" + ")" * 50],
)  # fmt: skip
def test_what_is_no_condition_on_the_keys_is_refused(expression: str) -> None:
    with pytest.raises(AwsError, check=lambda error: error.code == "InvalidInputException"):
        parse(expression, TYPES)


def test_keys_of_other_types_cannot_be_compared() -> None:
    with pytest.raises(AwsError, check=lambda error: error.code == "InvalidInputException"):
        parse("flag = 'true'", {"flag": "boolean"})
