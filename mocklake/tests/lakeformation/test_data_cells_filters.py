"""Data cells filters: their life, who may have them, how grants on them are listed, and what they show."""

from typing import Any

import pytest

from mocklake.oracle.columns import can_read
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    EVERYONE,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    accept,
    call,
    caller,
    filter_data,
    grant,
    held,
    lf,
    make_filter,
    new_world,
    on_columns,
    on_filter,
    on_table,
    readable,
    refused,
    revoke,
    rows,
    table_input,
    with_table,
)
from mocklake.world import World

TEAM = {PRODUCER, CONSUMER}
NEAR = on_filter("near")


def _world(**options: Any) -> World:
    """The producer's orders with a filter `near`: id and country, of German rows."""
    world = with_table(new_world(organisation=TEAM, **options))
    make_filter(world, ADMIN, "near", "country = 'de'", ("id", "country"))
    return world


def _named(name: str) -> dict[str, Any]:
    return dict(on_filter(name)["DataCellsFilter"])


def _shown(world: World, who: str, country: str) -> list[str]:
    row = {"id": "1", "email": "a", "amount": "2", "country": country, "day": "2026-01-01"}
    place = (PRODUCER, REGION, "sales", "orders")
    return [name for name in row if can_read(world, who, *place, name, row=row).allowed]


def test_a_filter_is_read_back_with_a_version() -> None:
    answer = lf(_world(), ADMIN, "GetDataCellsFilter", **_named("near"))["DataCellsFilter"]
    data = filter_data("near", "country = 'de'", ("country", "id"))
    assert answer == data | {"VersionId": "1"}


def test_an_update_raises_the_version_and_an_older_one_is_refused() -> None:
    world = _world()
    new = filter_data("near", "country = 'fr'") | {"VersionId": "1"}
    lf(world, ADMIN, "UpdateDataCellsFilter", TableData=new)
    with refused("ConcurrentModificationException"):
        lf(world, ADMIN, "UpdateDataCellsFilter", TableData=new)
    assert lf(world, ADMIN, "GetDataCellsFilter", **_named("near"))["DataCellsFilter"]["VersionId"] == "2"
    with refused("EntityNotFoundException", "Cell Filter not found"):
        lf(world, ADMIN, "UpdateDataCellsFilter", TableData=filter_data("far"))


def test_filters_are_listed_page_by_page() -> None:
    world = _world()
    for number in range(4):
        make_filter(world, ADMIN, f"f{number}")
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = lf(world, ADMIN, "ListDataCellsFilter", MaxResults=2, **on_table(), **token)
        names += [one["Name"] for one in answer["DataCellsFilters"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert names == ["f0", "f1", "f2", "f3", "near"]
    assert lf(world, ANALYST, "ListDataCellsFilter")["DataCellsFilters"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"ColumnNames": ["day"]},
        {"ColumnNames": ["nothing"]},
        {"ColumnNames": []},
        {"ColumnNames": ["id"], "ColumnWildcard": {}},
        {"RowFilter": {}},
        {"RowFilter": {"FilterExpression": "nothing = 1"}},
        {"RowFilter": {"FilterExpression": "id = 'x'", "AllRowsWildcard": {}}},
    ],
)
def test_a_wrong_filter_is_refused(change: dict[str, Any]) -> None:
    data = filter_data("new", columns=("id",)) | change
    if "ColumnWildcard" not in change:
        data.pop("ColumnWildcard", None)
    with refused("InvalidInputException"):
        lf(_world(), ADMIN, "CreateDataCellsFilter", TableData=data)


def test_a_filter_is_made_once_on_a_table_that_is_there() -> None:
    world = _world()
    with refused("AlreadyExistsException"):
        make_filter(world, ADMIN, "near")
    with refused("EntityNotFoundException"):
        make_filter(world, ADMIN, "near", table="nothing")
    with refused("AccessDeniedException"):
        make_filter(world, ANALYST, "mine")
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT", option=("SELECT",))
    make_filter(world, ANALYST, "mine")


def test_views_and_links_have_no_filters() -> None:
    world = _world()
    target = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}
    for body in (
        {"Name": "link", "TargetTable": target},
        table_input("view") | {"TableType": "VIRTUAL_VIEW"},
    ):
        call(world, caller(PRODUCER), "glue", "CreateTable", DatabaseName="sales", TableInput=body)
        with refused("InvalidInputException"):
            make_filter(world, ADMIN, "new", table=body["Name"])


def test_its_cells_are_shown_and_follow_an_update() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    assert readable(world, ANALYST) == ("id", "country", "day")
    assert _shown(world, ANALYST.arn, "de") == ["id", "country", "day"]
    assert _shown(world, ANALYST.arn, "fr") == []
    lf(world, ADMIN, "UpdateDataCellsFilter", TableData=filter_data("near", "country = 'fr'", ("email",)))
    assert readable(world, ANALYST) == ("email", "day")
    assert _shown(world, ANALYST.arn, "fr") == ["email", "day"]


def test_several_filters_unite_and_a_plain_select_prevails() -> None:
    world = _world()
    make_filter(world, ADMIN, "far", "country <> 'de'", ("id", "email"))
    for name in ("near", "far"):
        grant(world, ADMIN, ANALYST.arn, on_filter(name), "SELECT")
    assert _shown(world, ANALYST.arn, "de") == ["id", "country", "day"]
    assert _shown(world, ANALYST.arn, "fr") == ["id", "email", "day"]
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert len(_shown(world, ANALYST.arn, "fr")) == 5


@pytest.mark.parametrize("verbs", [("ALTER",), ("ALL",), ("SELECT", "INSERT")])
def test_what_changes_data_cannot_be_held_on_a_filter(verbs: tuple[str, ...]) -> None:
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(_world(), ADMIN, ANALYST.arn, NEAR, *verbs)


def test_filters_and_writing_exclude_each_other() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, ANALYST.arn, on_table(), "INSERT")
    grant(world, ADMIN, GUEST.arn, on_table(), "ALTER")
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, GUEST.arn, NEAR, "SELECT")
    with refused("InvalidInputException"):
        grant(world, ADMIN, EVERYONE, NEAR, "SELECT")


def test_grants_on_filters_are_listed_with_their_table_only_when_asked_for() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    assert held(world, ADMIN, ANALYST.arn) == held(world, ADMIN, ANALYST.arn, Resource=on_table()) == []
    listed = rows(world, ADMIN, Resource=on_table(), IncludeRelated="TRUE", MaxResults=1)
    assert [(row["Resource"], row["Permissions"]) for row in listed] == [(NEAR, ["SELECT"])]
    who = {"DataLakePrincipalIdentifier": ANALYST.arn}
    with refused("InvalidInputException"):
        rows(world, ADMIN, Resource=on_table(), IncludeRelated="TRUE", Principal=who)
    assert rows(world, ADMIN, Resource=NEAR) == listed
    assert [row["Permissions"] for row in rows(world, ADMIN, Resource=NEAR, Principal=who)] == [["SELECT"]]


def test_a_revoke_names_what_is_held() -> None:
    world = _world()
    with refused("InvalidInputException", "No permissions revoked. Grantee has no permissions"):
        revoke(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    with refused("InvalidInputException", "Cell Filter not found"):
        revoke(world, ADMIN, ANALYST.arn, on_filter("far"), "SELECT")
    grant(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    revoke(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    assert readable(world, ANALYST) == ()


def test_a_deleted_filter_or_table_takes_the_grants_along() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    lf(world, ADMIN, "DeleteDataCellsFilter", **_named("near"))
    make_filter(world, ADMIN, "near")
    assert readable(world, ANALYST) == ()
    grant(world, ADMIN, ANALYST.arn, NEAR, "SELECT")
    call(world, caller(PRODUCER), "glue", "DeleteTable", DatabaseName="sales", Name="orders")
    with_table(world)
    assert lf(world, ADMIN, "ListDataCellsFilter")["DataCellsFilters"] == []
    assert readable(world, ANALYST) == ()


def test_a_foreign_role_gets_a_filter_directly_but_no_grant_option() -> None:
    world = with_table(new_world())
    make_filter(world, ADMIN, "near", "country = 'de'", ("id",))
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(world, ADMIN, GUEST.arn, NEAR, "SELECT", option=("SELECT",))
    grant(world, ADMIN, GUEST.arn, NEAR, "SELECT")
    assert readable(world, GUEST) == ()
    accept(world)
    assert readable(world, GUEST) == ("id", "day")


def test_an_accounts_filter_and_a_local_one_show_what_both_show() -> None:
    world = _world()
    grant(world, ADMIN, CONSUMER, NEAR, "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, NEAR, "SELECT")
    assert _shown(world, GUEST.arn, "de") == ["id", "country", "day"]
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    make_filter(world, RECEIVER, "ours", "country = 'fr'", ("email",))
    grant(world, RECEIVER, GUEST.arn, on_filter("ours"), "SELECT")
    assert _shown(world, GUEST.arn, "fr") == ["email", "day"]
    revoke(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    assert _shown(world, GUEST.arn, "fr") == []


def test_a_principal_holds_a_hundred_filters_of_a_table() -> None:
    world = _world()
    for number in range(101):
        make_filter(world, ADMIN, f"f{number}", columns=("id",))
    for number in range(100):
        grant(world, ADMIN, ANALYST.arn, on_filter(f"f{number}"), "SELECT")
    with refused("InvalidInputException"):
        grant(world, ADMIN, ANALYST.arn, on_filter("f100"), "SELECT")
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
