"""What changed between two readings, and whether it breaks who reads the table."""

import pytest

from catalog.mirror.schema_changes import (
    COMPARED_FIELDS,
    ComparedColumn,
    TableChange,
    compare_schemas,
    is_widening,
)

UNCHANGED_FACTS = dict.fromkeys(COMPARED_FIELDS, "as before")


def build_columns(*said: str) -> list[ComparedColumn]:
    """`name:type`, with `!` at the end for a partition key."""
    pairs = [each.removesuffix("!").split(":") for each in said]
    return [
        ComparedColumn(name, type_, "", each.endswith("!"))
        for (name, type_), each in zip(pairs, said, strict=True)
    ]


def list_changes(
    before: list[ComparedColumn], after: list[ComparedColumn], data_format: str = "parquet"
) -> list[tuple[str, str, bool]]:
    facts = UNCHANGED_FACTS | {"data_format": data_format}
    return [(c.what, c.name, c.breaking) for c in compare_schemas(facts, facts, before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["a:int"], ["a:int"], []),
        (["a:int"], ["a:int", "b:int"], [("column_added", "b", False)]),
        (["a:int", "b:int"], ["a:int"], [("column_removed", "b", True)]),
        (["a:int"], ["a:bigint"], [("type_widened", "a", False)]),
        (["a:bigint"], ["a:int"], [("type_changed", "a", True)]),
        (["a:int"], ["a:int!"], [("key_changed", "a", True)]),
        (["a:int", "b:int"], ["b:int", "a:int"], [("order_changed", "", False)]),
        (
            ["a:int", "b:int"],
            ["c:int", "b:int"],
            [("column_removed", "a", True), ("column_added", "c", False)],
        ),
    ],
)
def test_columns(before: list[str], after: list[str], expected: list[tuple[str, str, bool]]) -> None:
    assert list_changes(build_columns(*before), build_columns(*after)) == expected


def test_another_order_breaks_what_is_read_by_position() -> None:
    assert list_changes(build_columns("a:int", "b:int"), build_columns("b:int", "a:int"), "csv") == [
        ("order_changed", "", True)
    ]


def test_facts_are_told_with_before_and_after() -> None:
    found = compare_schemas(UNCHANGED_FACTS, UNCHANGED_FACTS | {"owner": "BI"}, [], [])

    assert found == [TableChange("fact_changed", "owner", "as before", "BI")]
    assert compare_schemas(UNCHANGED_FACTS, UNCHANGED_FACTS | {"kind": "VIRTUAL_VIEW"}, [], [])[0].breaking


def test_changed_comments_are_one_change() -> None:
    before, after = [ComparedColumn("a", "int", "", False)], [ComparedColumn("a", "int", "said", False)]

    assert compare_schemas(UNCHANGED_FACTS, UNCHANGED_FACTS, before, after) == [
        TableChange("comments_changed", "a")
    ]


@pytest.mark.parametrize(
    ("old", "new", "wider"),
    [
        ("int", "bigint", True),
        ("float", "double", True),
        ("varchar(10)", "varchar(20)", True),
        ("varchar(20)", "varchar(10)", False),
        ("varchar(20)", "string", True),
        ("decimal(10,2)", "decimal(12,2)", True),
        ("decimal(10,2)", "decimal(12,4)", True),
        ("decimal(10,2)", "decimal(10,4)", False),
        ("string", "int", False),
        ("struct<a:int>", "struct<a:int,b:int>", False),
        ("char(5)", "varchar(2)", False),
    ],
)
def test_a_wider_type_takes_every_value(old: str, new: str, *, wider: bool) -> None:
    assert is_widening(old, new) is wider
