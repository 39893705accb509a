"""SELECT on some columns: how grants add up, how they are listed, and what cannot be narrowed."""

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    PRODUCER,
    grant,
    held,
    new_world,
    on_columns,
    on_table,
    readable,
    refused,
    revoke,
    rows,
    with_table,
)
from mocklake.world import World


def _all_but(*columns: str) -> dict[str, object]:
    body = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}
    return {"TableWithColumns": body | {"ColumnWildcard": {"ExcludedColumnNames": list(columns)}}}


def _lists(world: World) -> list[list[str]]:
    return [
        row["Resource"]["TableWithColumns"]["ColumnNames"] for row in rows(world, ADMIN, Resource=on_table())
    ]


@pytest.mark.parametrize(("merge", "lists"), [(True, [["amount", "id"]]), (False, [["amount"], ["id"]])])
def test_column_grants_add_up_in_one_row_or_several(*, merge: bool, lists: list[list[str]]) -> None:
    world = with_table(new_world())
    world.switches.merge_column_rows = merge
    grant(world, ADMIN, ANALYST.arn, on_columns("ID"), "SELECT")
    grant(world, ADMIN, ANALYST.arn, on_columns("amount"), "SELECT")
    assert _lists(world) == lists
    assert readable(world, ANALYST) == ("id", "amount", "day")


@pytest.mark.parametrize("merge", [True, False])
def test_revoking_columns_leaves_the_others(*, merge: bool) -> None:
    world = with_table(new_world())
    world.switches.merge_column_rows = merge
    grant(world, ADMIN, ANALYST.arn, on_columns("id", "amount"), "SELECT")
    grant(world, ADMIN, ANALYST.arn, on_columns("amount", "country"), "SELECT")
    revoke(world, ADMIN, ANALYST.arn, on_columns("amount"), "SELECT")
    assert readable(world, ANALYST) == ("id", "country", "day")
    assert sorted(name for names in _lists(world) for name in names) == ["country", "id"]
    revoke(world, ADMIN, ANALYST.arn, on_columns("id", "country"), "SELECT")
    assert readable(world, ANALYST) == ()
    assert rows(world, ADMIN, Resource=on_table()) == []


@pytest.mark.parametrize("merge", [True, False])
def test_a_grant_option_on_one_column_is_its_own_row(*, merge: bool) -> None:
    world = with_table(new_world())
    world.switches.merge_column_rows = merge
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT", option=("SELECT",))
    grant(world, ADMIN, ANALYST.arn, on_columns("amount"), "SELECT")
    assert sorted(held(world, ADMIN, ANALYST.arn)) == [
        ("TableWithColumns", ("SELECT",), ()),
        ("TableWithColumns", ("SELECT",), ("SELECT",)),
    ]
    revoke(world, ADMIN, ANALYST.arn, on_columns("id"), option=("SELECT",))
    assert readable(world, ANALYST) == ("id", "amount", "day")
    assert {row[2] for row in held(world, ADMIN, ANALYST.arn)} == {()}


def test_an_exclusion_admits_every_other_column() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, _all_but("email"), "SELECT")
    assert readable(world, ANALYST) == ("id", "amount", "country", "day")
    revoke(world, ADMIN, ANALYST.arn, _all_but("email"), "SELECT")
    assert readable(world, ANALYST) == ()


def test_an_exclusion_carries_no_grant_option() -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, _all_but("email"), "SELECT", option=("SELECT",))


def test_a_whole_table_prevails_until_it_is_revoked() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    assert len(readable(world, ANALYST)) == 5
    revoke(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert readable(world, ANALYST) == ("id", "day")


def test_columns_cannot_be_revoked_from_a_whole_table() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    with refused("InvalidInputException", "Permissions modification is invalid"):
        revoke(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    assert len(readable(world, ANALYST)) == 5


def test_a_whole_table_cannot_be_revoked_from_columns() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    with refused("InvalidInputException", "Permissions modification is invalid"):
        revoke(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert readable(world, ANALYST) == ("id", "day")


def test_an_unheld_column_stops_the_revoke() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    with refused("InvalidInputException", "No permissions revoked. Grantee does not have:[SELECT]"):
        revoke(world, ADMIN, ANALYST.arn, on_columns("id", "email"), "SELECT")
    assert readable(world, ANALYST) == ("id", "day")


def test_writers_are_not_narrowed_and_the_narrowed_do_not_write() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "INSERT")
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    revoke(world, ADMIN, ANALYST.arn, on_table(), "INSERT")
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, on_table(), "INSERT")
    assert held(world, ADMIN, ANALYST.arn) == [("TableWithColumns", ("SELECT",), ())]


@pytest.mark.parametrize("column", ["day", "nonsense"])
def test_partition_keys_and_unknown_columns_cannot_be_granted(column: str) -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, on_columns("id", column), "SELECT")
    assert readable(world, ANALYST) == ()
