"""What the service model allows is taken, hostile or not; what it does not is refused with its place."""

from typing import Any

import pytest

from mocklake import glue
from mocklake.tests.glue.nested_catalogs import ROOT
from mocklake.tests.lakeformation.worlds import call, new_world, refused, with_table
from mocklake.validation.requests import validated
from mocklake.world import World


def _call(world: World, operation: str, params: dict[str, Any]) -> None:
    """As the gateway does with what no client would send."""
    glue.HANDLERS[operation](world, ROOT, validated("glue", operation, params, world.switches))


def _made(**body: Any) -> dict[str, Any]:
    world = with_table(new_world())
    table = {"Name": "t"} | body
    _call(world, "CreateTable", {"DatabaseName": "sales", "TableInput": table})
    found: dict[str, Any] = call(world, ROOT, "glue", "GetTable", DatabaseName="sales", Name=table["Name"])[
        "Table"
    ]
    return found


@pytest.mark.parametrize(
    "name",
    ["x" * 255, "<script>alert(1)</script>", "' or 1=1 --", "données.ü", "\U0001f600", "a/b", "a b\tc"],
)
def test_hostile_names_come_back_as_they_went(name: str) -> None:
    assert _made(Name=name)["Name"] == name


@pytest.mark.parametrize("name", ["", "x" * 256, "two\nlines", "nul\0", "lone \ud800"])
def test_names_outside_the_model_are_refused(name: str) -> None:
    with refused("ValidationException", "1 validation error detected: Value"):
        _made(Name=name)


def test_texts_without_a_pattern_take_anything() -> None:
    hostile = "\0\u202e\n\ud800" + "x" * 100_000
    assert _made(Parameters={"k": hostile})["Parameters"]["k"] == hostile
    assert _made(ViewOriginalText=hostile)["ViewOriginalText"] == hostile
    assert _made(Description="two\nlines")["Description"] == "two\nlines"


def test_ten_thousand_columns_with_the_longest_comments() -> None:
    columns = [{"Name": f"c{number}", "Type": "string", "Comment": "x" * 255} for number in range(10_000)]
    assert _made(StorageDescriptor={"Columns": columns})["StorageDescriptor"]["Columns"] == columns


def test_a_refusal_names_the_place() -> None:
    columns = [{"Name": "a"}, {"Name": "b", "Comment": "x" * 256}]
    place = "storageDescriptor.columns.2.member.comment"
    with refused("ValidationException") as caught:
        _made(StorageDescriptor={"Columns": columns})
    assert f"at 'table.{place}'" in str(caught.value)
    with refused("ValidationException") as caught:
        _call(new_world(), "GetTable", {"DatabaseName": "sales"})
    assert "at 'name' failed to satisfy constraint: Member must not be null" in str(caught.value)


def test_twice_the_same_column_and_no_columns_are_athenas_matter() -> None:
    twice = [{"Name": "a", "Type": "int"}, {"Name": "A", "Type": "string"}]
    assert _made(StorageDescriptor={"Columns": twice})["StorageDescriptor"]["Columns"] == twice
    assert "StorageDescriptor" not in _made()


@pytest.mark.parametrize(
    "asked",
    [
        {"DatabaseName": ["sales"], "TableInput": {"Name": "t"}},
        {"DatabaseName": "sales", "TableInput": "t"},
        {"DatabaseName": "sales", "TableInput": {"Name": "t", "Parameters": [1]}},
        {"DatabaseName": "sales", "TableInput": {"Name": "t", "PartitionKeys": {"Name": "k"}}},
        {"DatabaseName": "sales", "TableInput": {"Name": "t", "Retention": "7"}},
    ],
)
def test_what_is_of_another_type_is_no_request(asked: dict[str, Any]) -> None:
    with refused("SerializationException"):
        _call(with_table(new_world()), "CreateTable", asked)
