"""What changed between two readings, and whether it breaks who reads the table."""

import pytest

from catalog.mirror.schema_changes import FACTS, Change, Field, changes_between, is_wider

SAME = dict.fromkeys(FACTS, "as before")


def fields(*said: str) -> list[Field]:
    """`name:type`, with `!` at the end for a partition key."""
    pairs = [each.removesuffix("!").split(":") for each in said]
    return [
        Field(name, type_, "", each.endswith("!")) for (name, type_), each in zip(pairs, said, strict=True)
    ]


def changes(
    before: list[Field], after: list[Field], data_format: str = "parquet"
) -> list[tuple[str, str, bool]]:
    facts = SAME | {"data_format": data_format}
    return [(c.what, c.name, c.breaking) for c in changes_between(facts, facts, before, after)]


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
    assert changes(fields(*before), fields(*after)) == expected


def test_another_order_breaks_what_is_read_by_position() -> None:
    assert changes(fields("a:int", "b:int"), fields("b:int", "a:int"), "csv") == [("order_changed", "", True)]


def test_facts_are_told_with_before_and_after() -> None:
    found = changes_between(SAME, SAME | {"owner": "BI"}, [], [])

    assert found == [Change("fact_changed", "owner", "as before", "BI")]
    assert changes_between(SAME, SAME | {"kind": "VIRTUAL_VIEW"}, [], [])[0].breaking


def test_changed_comments_are_one_change() -> None:
    before, after = [Field("a", "int", "", False)], [Field("a", "int", "said", False)]

    assert changes_between(SAME, SAME, before, after) == [Change("comments_changed", "a")]


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
    assert is_wider(old, new) is wider
