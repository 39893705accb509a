"""SearchTables: what is found, in which order, and for whom."""

from typing import Any

import pytest

from mocklake.iam.callers import Caller
from mocklake.tests.glue.nested_catalogs import ROOT, with_bucket
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    GUEST,
    PRODUCER,
    accept,
    call,
    grant,
    new_world,
    on_columns,
    refused,
    with_table,
)
from mocklake.world import World


def _world() -> World:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    made: dict[str, dict[str, Any]] = {
        "order-lines": {"Description": "Every line", "Parameters": {"tier": "gold"}},
        "orderlines": {"Owner": "Ada", "Retention": 7},
        "returns": {"Parameters": {"tier": "silver-gilt"}},
    }
    for name, more in made.items():
        call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput={"Name": name} | more)
    return world


def _found(world: World, who: Caller = ADMIN, **asked: Any) -> list[str]:
    return [one["Name"] for one in call(world, who, "glue", "SearchTables", **asked)["TableList"]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("order", ["order-lines", "orderlines", "orders"]),
        ("ORDER line", ["order-lines", "orderlines"]),
        ('"orders"', ["orders"]),
        ("email", ["orders"]),
        ("nothing", []),
    ],
)
def test_every_word_is_found_somewhere_and_a_quoted_text_as_a_whole(text: str, names: list[str]) -> None:
    assert _found(_world(), SearchText=text) == names


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [
        ("Name", "lines", ["order-lines"]),
        ("Name", "orders", ["orders"]),
        ("Owner", "ada", ["orderlines"]),
        ("tier", "gilt", ["returns"]),
        ("DatabaseName", "claims", []),
        ("missing", "x", []),
    ],
)
def test_a_predicate_compares_by_parts_of_the_value(key: str, value: str, names: list[str]) -> None:
    assert _found(_world(), Filters=[{"Key": key, "Value": value}]) == names


def test_times_and_numbers_are_compared_and_all_predicates_hold() -> None:
    world = _world()
    recent = {"Key": "CreateTime", "Value": "2020-01-01T00:00:00Z", "Comparator": "GREATER_THAN"}
    kept = {"Key": "Retention", "Value": "7", "Comparator": "GREATER_THAN_EQUALS"}
    assert len(_found(world, Filters=[recent])) == 4
    assert _found(world, Filters=[recent, kept]) == ["orderlines"]
    for wrong in ({"Key": "Name", "Value": "a", "Comparator": "LESS_THAN"}, recent | {"Value": "soon"}):
        with refused("InvalidInputException"):
            _found(world, Filters=[wrong])


@pytest.mark.parametrize("sort", ["ASC", "DESC"])
def test_pages_follow_the_order_asked_for(sort: str) -> None:
    world, found = _world(), []
    token: dict[str, str] = {}
    while True:
        asked = {"SortCriteria": [{"FieldName": "Name", "Sort": sort}], "MaxResults": 2} | token
        answer = call(world, ADMIN, "glue", "SearchTables", **asked)
        found += [one["Name"] for one in answer["TableList"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    names = ["order-lines", "orderlines", "orders", "returns"]
    assert found == (names if sort == "ASC" else names[::-1])


def test_only_what_is_seen_is_found_and_by_what_is_seen_of_it() -> None:
    world = _world()
    assert _found(world, ANALYST) == []
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    assert _found(world, ANALYST) == ["orders"]
    assert _found(world, ANALYST, SearchText="email") == []
    (table,) = call(world, ANALYST, "glue", "SearchTables")["TableList"]
    assert [one["Name"] for one in table["StorageDescriptor"]["Columns"]] == ["id"]


def test_what_others_share_is_found_when_asked_for() -> None:
    world = _world()
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    accept(world)
    assert _found(world, GUEST) == []
    assert _found(world, GUEST, ResourceShareType="FOREIGN") == ["orders"]
    assert _found(world, GUEST, ResourceShareType="ALL") == ["orders"]


def test_nested_catalogs_are_not_searched() -> None:
    world = with_bucket(new_world())
    assert _found(world) == []
    assert _found(world, CatalogId="s3tablescatalog/web") == []
