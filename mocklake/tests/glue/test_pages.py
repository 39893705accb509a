"""Pages: short ones, empty ones, tokens of one query, and what comes and goes between them."""

from typing import Any

import pytest

from mocklake import switches
from mocklake.paging import write_token
from mocklake.tests.glue.nested_catalogs import ROOT
from mocklake.tests.lakeformation.worlds import ANALYST, call, new_world, refused
from mocklake.validation.requests import validated
from mocklake.world import World

NAMES = [f"t{number:02}" for number in range(40)]


def _world(**turned: int) -> World:
    world = new_world()
    switches.turn(world, turned)
    call(world, ROOT, "glue", "CreateDatabase", DatabaseInput={"Name": "sales"})
    for name in NAMES:
        call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput={"Name": name})
    return world


def _pages(world: World, **asked: Any) -> list[list[str]]:
    found: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        answer = call(world, ROOT, "glue", "GetTables", DatabaseName="sales", **asked, **token)
        found.append([one["Name"] for one in answer["TableList"]])
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


@pytest.mark.parametrize("seed", range(1, 9))
def test_short_and_empty_pages_lose_and_repeat_nothing_and_are_the_same_again(seed: int) -> None:
    pages = _pages(_world(short_page_seed=seed, empty_page_seed=seed), MaxResults=10)
    assert [name for page in pages for name in page] == NAMES
    assert pages == _pages(_world(short_page_seed=seed, empty_page_seed=seed), MaxResults=10)
    assert max(map(len, pages)) <= 10


def test_pages_are_short_and_empty_by_the_switches_only() -> None:
    assert [len(page) for page in _pages(_world(), MaxResults=10)] == [10, 10, 10, 10]
    short = [len(page) for page in _pages(_world(short_page_seed=1), MaxResults=10)]
    assert len(short) > 4
    assert 0 not in short
    seeds = range(1, 6)
    assert any([] in _pages(_world(empty_page_seed=seed), MaxResults=10) for seed in seeds)


def test_what_comes_and_goes_between_pages_shifts_nothing() -> None:
    world = _world()
    first = call(world, ROOT, "glue", "GetTables", DatabaseName="sales", MaxResults=10)
    for name in ("t00", "t09", "t15"):
        call(world, ROOT, "glue", "DeleteTable", DatabaseName="sales", Name=name)
    for name in ("a-first", "t09-after", "zz"):
        call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", TableInput={"Name": name})
    rest = call(world, ROOT, "glue", "GetTables", DatabaseName="sales", NextToken=first["NextToken"])
    expected = ["t09-after", *(name for name in NAMES[10:] if name != "t15"), "zz"]
    assert [one["Name"] for one in rest["TableList"]] == expected


@pytest.mark.parametrize(
    "token",
    ["nonsense", "%%%", write_token(["t05"]), write_token(["0" * 16, False, "t05"]), write_token([1, 2, 3])],
)
def test_a_token_that_was_never_given_is_refused(token: str) -> None:
    with refused("InvalidInputException"):
        call(_world(), ROOT, "glue", "GetTables", DatabaseName="sales", NextToken=token)


def test_a_token_fits_its_own_query_only() -> None:
    world = _world()
    token = call(world, ROOT, "glue", "GetTables", DatabaseName="sales", MaxResults=5)["NextToken"]
    for asked in (
        {"DatabaseName": "sales", "Expression": "t.*"},
        {"DatabaseName": "sales", "AttributesToGet": ["NAME"]},
    ):
        with refused("InvalidInputException"):
            call(world, ROOT, "glue", "GetTables", NextToken=token, **asked)
    with refused("InvalidInputException"):
        call(world, ROOT, "glue", "GetDatabases", NextToken=token)
    more = call(world, ROOT, "glue", "GetTables", DatabaseName="sales", MaxResults=2, NextToken=token)
    assert [one["Name"] for one in more["TableList"]] == ["t05", "t06"]


@pytest.mark.parametrize("size", [0, 101])
def test_more_than_a_hundred_is_not_asked_for(size: int) -> None:
    asked = {"DatabaseName": "sales", "MaxResults": size}
    with refused("ValidationException", "1 validation error detected"):
        validated("glue", "GetTables", asked, switches.Switches())


def test_pages_of_tables_that_are_not_seen_end() -> None:
    with refused("AccessDeniedException"):
        call(_world(short_page_seed=2), ANALYST, "glue", "GetTables", DatabaseName="sales")
