"""LF-Tags: keys, values, limits, assignment with inheritance, and search."""

from typing import Any

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    PRODUCER,
    call,
    caller,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    refused,
    with_table,
)
from mocklake.world import World


def _world() -> World:
    world = with_table(with_table(new_world()), table="returns")
    lf(world, ADMIN, "CreateLFTag", TagKey="Class", TagValues=["Public", "Private", "public"])
    lf(world, ADMIN, "CreateLFTag", TagKey="domain", TagValues=["sales", "finance"])
    return world


def _pair(key: str, *values: str) -> dict[str, Any]:
    return {"TagKey": key, "TagValues": list(values)}


def _named(key: str, value: str) -> dict[str, Any]:
    return {"CatalogId": PRODUCER} | _pair(key, value)


def _tag(world: World, resource: dict[str, Any], *pairs: dict[str, Any]) -> list[dict[str, Any]]:
    answer = lf(world, ADMIN, "AddLFTagsToResource", Resource=resource, LFTags=list(pairs))
    return list(answer["Failures"])


def _flat(pairs: list[dict[str, Any]]) -> dict[str, str]:
    return {pair["TagKey"]: pair["TagValues"][0] for pair in pairs}


def test_keys_and_values_are_stored_in_lower_case_and_made_once() -> None:
    world = _world()
    tag = lf(world, ADMIN, "GetLFTag", TagKey="CLASS")
    assert tag == {"CatalogId": PRODUCER, "TagKey": "class", "TagValues": ["public", "private"]}
    with refused("InvalidInputException", "Tag key already exists"):
        lf(world, ADMIN, "CreateLFTag", TagKey="CLASS", TagValues=["other"])
    assert lf(world, ADMIN, "GetLFTag", TagKey="class") == tag


def test_limits() -> None:
    world = _world()
    with refused("ValidationException"):
        lf(world, ADMIN, "CreateLFTag", TagKey="many", TagValues=[str(n) for n in range(51)])
    for start in range(0, 1000, 50):
        values = [f"v{n}" for n in range(start, start + 50)]
        if start == 0:
            lf(world, ADMIN, "CreateLFTag", TagKey="many", TagValues=values)
        else:
            lf(world, ADMIN, "UpdateLFTag", TagKey="many", TagValuesToAdd=values)
    with refused("InvalidInputException"):
        lf(world, ADMIN, "UpdateLFTag", TagKey="many", TagValuesToAdd=["one-more"])


def test_tags_are_listed_by_pages() -> None:
    world = _world()
    first = lf(world, ADMIN, "ListLFTags", MaxResults=1)
    rest = lf(world, ADMIN, "ListLFTags", MaxResults=1, NextToken=first["NextToken"])
    assert [tag["TagKey"] for tag in first["LFTags"] + rest["LFTags"]] == ["class", "domain"]
    assert "NextToken" not in rest


def test_strangers_neither_make_nor_see_tags() -> None:
    world = _world()
    with refused("AccessDeniedException"):
        lf(world, ANALYST, "CreateLFTag", TagKey="mine", TagValues=["x"])
    assert lf(world, ANALYST, "ListLFTags") == {}
    for key in ("class", "missing"):
        with refused("AccessDeniedException"):
            lf(world, ANALYST, "GetLFTag", TagKey=key)
    with refused("AccessDeniedException"):
        lf(world, ANALYST, "AddLFTagsToResource", Resource=on_table(), LFTags=[_pair("class", "public")])
    with refused("AccessDeniedException"):
        lf(world, caller(CONSUMER, "LakeAdmin"), "GetLFTag", CatalogId=PRODUCER, TagKey="class")


def test_who_may_create_tags_keeps_their_own() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, {"Catalog": {}}, "CREATE_LF_TAG")
    lf(world, ANALYST, "CreateLFTag", TagKey="mine", TagValues=["x"])
    lf(world, ANALYST, "UpdateLFTag", TagKey="mine", TagValuesToAdd=["y"], TagValuesToDelete=["x"])
    assert lf(world, ANALYST, "GetLFTag", TagKey="mine")["TagValues"] == ["y"]
    with refused("AccessDeniedException"):
        lf(world, ANALYST, "DeleteLFTag", TagKey="class")


@pytest.mark.parametrize("operation", ["GetLFTag", "DeleteLFTag", "UpdateLFTag"])
def test_a_tag_that_is_not_there(operation: str) -> None:
    more = {"TagValuesToAdd": ["x"]} if operation == "UpdateLFTag" else {}
    with refused("EntityNotFoundException"):
        lf(_world(), ADMIN, operation, TagKey="missing", **more)


def test_a_value_in_use_stays_and_a_deleted_tag_leaves_everything() -> None:
    world = _world()
    assert _tag(world, on_table(), _pair("class", "private")) == []
    with refused("InvalidInputException", "Update not allowed"):
        lf(world, ADMIN, "UpdateLFTag", TagKey="class", TagValuesToDelete=["private"])
    lf(world, ADMIN, "DeleteLFTag", TagKey="class")
    found = lf(world, ADMIN, "GetResourceLFTags", Resource=on_table())
    assert found == {}


def test_each_unknown_tag_fails_alone() -> None:
    world = _world()
    failures = _tag(world, on_table(), _pair("Class", "PUBLIC"), _pair("class", "odd"), _pair("no", "x"))
    assert [(one["LFTag"], one["Error"]["ErrorCode"]) for one in failures] == [
        (_named("class", "odd"), "EntityNotFoundException"),
        (_named("no", "x"), "EntityNotFoundException"),
    ]
    assert _flat(lf(world, ADMIN, "GetResourceLFTags", Resource=on_table())["LFTagsOnTable"]) == {
        "class": "public"
    }
    with refused("InvalidInputException"):
        _tag(world, on_table(), _pair("class", "public", "private"))


@pytest.mark.parametrize("resource", [on_table("missing"), on_database("missing"), on_columns("missing")])
def test_what_is_not_there_carries_no_tags(resource: dict[str, Any]) -> None:
    with refused("EntityNotFoundException"):
        _tag(_world(), resource, _pair("class", "public"))


def test_tags_are_inherited_unless_overridden() -> None:
    world = _world()
    _tag(world, on_database(), _pair("class", "public"), _pair("domain", "sales"))
    _tag(world, on_columns("email"), _pair("class", "private"))
    found = lf(world, ADMIN, "GetResourceLFTags", Resource=on_table())
    assert _flat(found["LFTagOnDatabase"]) == {"class": "public", "domain": "sales"}
    assert _flat(found["LFTagsOnTable"]) == {"class": "public", "domain": "sales"}
    by_column = {one["Name"]: _flat(one["LFTags"]) for one in found["LFTagsOnColumns"]}
    assert by_column["email"] == {"class": "private", "domain": "sales"}
    assert by_column["id"] == by_column["day"] == {"class": "public", "domain": "sales"}
    assigned = lf(world, ADMIN, "GetResourceLFTags", Resource=on_table(), ShowAssignedLFTags=True)
    assert "LFTagsOnTable" not in assigned
    assert [(one["Name"], _flat(one["LFTags"])) for one in assigned["LFTagsOnColumns"]] == [
        ("email", {"class": "private"})
    ]


def test_adding_keeps_other_keys_and_removing_only_takes_what_is_assigned() -> None:
    world = _world()
    _tag(world, on_database(), _pair("domain", "sales"))
    _tag(world, on_table(), _pair("class", "public"))
    _tag(world, on_table(), _pair("domain", "finance"))
    pairs = [_pair("class", "public"), _pair("class", "private")]
    answer = lf(world, ADMIN, "RemoveLFTagsFromResource", Resource=on_table(), LFTags=pairs)
    assert [one["LFTag"] for one in answer["Failures"]] == [_named("class", "private")]
    found = lf(world, ADMIN, "GetResourceLFTags", Resource=on_table())
    assert _flat(found["LFTagsOnTable"]) == {"domain": "finance"}


def _found(world: World, *expression: dict[str, Any], who: Any = ADMIN) -> list[str]:
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = lf(world, who, "SearchTablesByLFTags", Expression=list(expression), MaxResults=1, **token)
        names += [one["Table"]["Name"] for one in answer["TableList"]]
        if "NextToken" not in answer:
            return names
        token = {"NextToken": answer["NextToken"]}


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_search_demands_every_key_and_any_of_its_values(seed: int) -> None:
    world = _world()
    world.switches.empty_page_seed = seed
    _tag(world, on_database(), _pair("domain", "sales"))
    _tag(world, on_table(), _pair("class", "public"))
    _tag(world, on_columns("email", table="returns"), _pair("class", "private"))
    assert _found(world, _pair("domain", "sales", "finance")) == ["orders", "returns"]
    assert _found(world, _pair("Domain", "Sales"), _pair("class", "public")) == ["orders"]
    assert _found(world, _pair("class", "public", "private")) == ["orders", "returns"]
    assert _found(world, _pair("domain", "finance")) == []


def test_search_looks_at_what_is_carried_in_the_end() -> None:
    world = _world()
    _tag(world, on_database(), _pair("domain", "sales"))
    _tag(world, on_table(), _pair("domain", "finance"))
    assert _found(world, _pair("domain", "sales")) == ["returns"]
    assert _found(world, _pair("domain", "finance")) == ["orders"]
    _tag(world, on_columns("email"), _pair("domain", "sales"))
    assert _found(world, _pair("domain", "sales")) == ["orders", "returns"]


def test_search_finds_only_what_the_caller_may_see() -> None:
    world = _world()
    _tag(world, on_database(), _pair("domain", "sales"))
    assert _found(world, _pair("domain", "sales"), who=ANALYST) == []
    grant(world, ADMIN, ANALYST.arn, on_table("returns"), "SELECT")
    assert _found(world, _pair("domain", "sales"), who=ANALYST) == ["returns"]
    answer = lf(world, ANALYST, "SearchDatabasesByLFTags", Expression=[_pair("domain", "sales")])
    (one,) = answer["DatabaseList"]
    assert (one["Database"]["Name"], _flat(one["LFTags"])) == ("sales", {"domain": "sales"})


def test_a_dropped_table_loses_its_tags() -> None:
    world = _world()
    _tag(world, on_table(), _pair("class", "private"))
    _tag(world, on_columns("id"), _pair("domain", "sales"))
    call(world, caller(PRODUCER), "glue", "DeleteTable", DatabaseName="sales", Name="orders")
    with_table(world)
    found = lf(world, ADMIN, "GetResourceLFTags", Resource=on_table())
    assert found == {}
