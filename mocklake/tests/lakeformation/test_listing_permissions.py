"""ListPermissions: filters, pages, what each caller sees, and effective permissions."""

import pytest

from mocklake.testing.principals import make_principals
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ALL_TABLES,
    ANALYST,
    PRODUCER,
    caller,
    grant,
    held,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    refused,
    revoke,
    role,
    rows,
    with_table,
)
from mocklake.world import World

STEWARD = caller(PRODUCER, "Steward")


def _many(count: int) -> World:
    world = with_table(new_world())
    for number in range(count):
        make_principals(role(PRODUCER, f"Reader{number}"))
        grant(world, ADMIN, role(PRODUCER, f"Reader{number}"), on_table(), "SELECT", "DESCRIBE")
    return world


def _principals(world: World, **params: object) -> list[str]:
    return [row["Principal"]["DataLakePrincipalIdentifier"] for row in rows(world, ADMIN, **params)]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pages_give_every_row_once_though_some_are_empty(size: int, seed: int) -> None:
    world = _many(10)
    world.switches.empty_page_seed = seed
    assert _principals(world, MaxResults=size) == [
        role(PRODUCER, f"Reader{number}") for number in range(10) for _ in ("Table", "TableWithColumns")
    ]


def test_an_empty_page_carries_a_token_and_is_the_same_every_time() -> None:
    world = _many(30)
    world.switches.empty_page_seed = 1

    def sizes() -> list[int]:
        found: list[int] = []
        token: dict[str, str] = {}
        while True:
            answer = lf(world, ADMIN, "ListPermissions", MaxResults=5, **token)
            found.append(len(answer["PrincipalResourcePermissions"]))
            if "NextToken" not in answer:
                return found
            token = {"NextToken": answer["NextToken"]}

    first = sizes()
    assert 0 in first
    assert sum(first) == 60
    assert sizes() == first


def test_a_row_revoked_between_pages_shifts_no_other() -> None:
    world = _many(6)
    first = lf(world, ADMIN, "ListPermissions", MaxResults=4)
    revoke(world, ADMIN, role(PRODUCER, "Reader0"), on_table(), "SELECT", "DESCRIBE")
    rest = lf(world, ADMIN, "ListPermissions", NextToken=first["NextToken"])["PrincipalResourcePermissions"]
    assert [row["Principal"]["DataLakePrincipalIdentifier"][-1] for row in rest] == list("22334455")


@pytest.mark.parametrize(
    "params", [{"NextToken": "nonsense"}, {"NextToken": "WzFd"}, {"NextToken": "W3RydWUsWzFdXQ=="}]
)
def test_foreign_tokens_are_refused(params: dict[str, str]) -> None:
    with refused("InvalidInputException"):
        lf(_many(1), ADMIN, "ListPermissions", **params)


def test_filters_by_resource_type_and_resource() -> None:
    world = with_table(with_table(new_world()), table="returns")
    grant(world, ADMIN, ANALYST.arn, on_database(), "DESCRIBE")
    grant(world, ADMIN, ANALYST.arn, on_table(), "DESCRIBE")
    grant(world, ADMIN, ANALYST.arn, on_columns("id", table="returns"), "SELECT")
    grant(world, ADMIN, STEWARD.arn, {"Catalog": {}}, "CREATE_DATABASE")
    count = {
        kind: len(rows(world, ADMIN, ResourceType=kind))
        for kind in ("CATALOG", "DATABASE", "TABLE", "DATA_LOCATION", "LF_TAG", "LF_TAG_POLICY_TABLE")
    }
    assert count == {
        "CATALOG": 1, "DATABASE": 1, "TABLE": 2, "DATA_LOCATION": 0, "LF_TAG": 0, "LF_TAG_POLICY_TABLE": 0,
    }  # fmt: skip
    assert held(world, ADMIN, ANALYST.arn, Resource=on_database()) == [("Database", ("DESCRIBE",), ())]
    assert held(world, ADMIN, ANALYST.arn, Resource=on_table()) == [("Table", ("DESCRIBE",), ())]
    assert held(world, ADMIN, ANALYST.arn, Resource=ALL_TABLES) == []
    related = rows(world, ADMIN, Resource=on_table("returns"), IncludeRelated="TRUE")
    assert [row["Resource"]["TableWithColumns"]["ColumnNames"] for row in related] == [["id"]]


def test_shapes_that_cannot_be_asked_for() -> None:
    world = with_table(new_world())
    principal = {"DataLakePrincipalIdentifier": ANALYST.arn}
    with refused("InvalidInputException", "Resource must have either"):
        rows(world, ADMIN, Resource=on_columns("id"))
    with refused("InvalidInputException", "Resource is mandatory if Principal is set"):
        rows(world, ADMIN, Principal=principal)
    with refused("InvalidInputException", "IncludeRelated"):
        rows(world, ADMIN, Resource=on_database(), IncludeRelated="TRUE")


def test_everybody_sees_their_own_rows_and_administrators_all() -> None:
    world = with_table(new_world())
    settings = lf(world, ADMIN, "GetDataLakeSettings")["DataLakeSettings"]
    settings["ReadOnlyAdmins"] = [{"DataLakePrincipalIdentifier": STEWARD.arn}]
    lf(world, ADMIN, "PutDataLakeSettings", DataLakeSettings=settings)
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    grant(world, ADMIN, role(PRODUCER, "Other"), on_table(), "SELECT")
    assert len(rows(world, ADMIN)) == len(rows(world, STEWARD)) == 2
    assert len(rows(world, ANALYST)) == 1
    assert rows(world, caller(PRODUCER, "Nobody")) == []


def test_principal_and_resource_answer_effective_permissions() -> None:
    world = with_table(new_world(open_to_all=True))
    grant(world, ADMIN, ANALYST.arn, ALL_TABLES, "SELECT", option=("SELECT",))
    principal = {"DataLakePrincipalIdentifier": ANALYST.arn}
    assert held(world, ADMIN, ANALYST.arn, Principal=principal, Resource=on_table()) == [
        ("Table", ("ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT"), ()),
        ("TableWithColumns", ("SELECT",), ("SELECT",)),
    ]
    assert held(world, ADMIN, ANALYST.arn, Resource=on_table()) == []


def test_effective_permissions_are_shown_to_their_holder_and_administrators() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    ask = {"Principal": {"DataLakePrincipalIdentifier": ANALYST.arn}, "Resource": on_table()}
    assert len(rows(world, ANALYST, **ask)) == len(rows(world, ADMIN, **ask)) == 1
    assert rows(world, STEWARD, **ask) == []
    ask["Principal"] = {"DataLakePrincipalIdentifier": ADMIN.arn}
    assert held(world, ADMIN, ADMIN.arn, **ask) == [("Table", ("DESCRIBE",), ())]
    assert held(world, ADMIN, ADMIN.arn) == []


def test_a_fresh_account_is_open_to_all_of_iam() -> None:
    fresh = caller("666666666666")
    (row,) = rows(with_table(new_world()), fresh)
    assert row["Resource"] == {"Catalog": {"Id": "666666666666"}}
    assert row["Permissions"] == ["CREATE_DATABASE"]
