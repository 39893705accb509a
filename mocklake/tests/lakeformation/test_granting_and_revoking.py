"""Rows come and go as granted and revoked: verbs, grant options, ALL, and what is not held."""

import pickle

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ALL_TABLES,
    ANALYST,
    EVERYONE,
    PRODUCER,
    caller,
    grant,
    held,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    permission,
    readable,
    refused,
    revoke,
    role,
    rows,
    with_table,
)

WRITER = role(PRODUCER, "Writer")
EVERY_COLUMN = ("id", "email", "amount", "country", "day")


def test_select_on_a_table_is_listed_apart_from_other_verbs() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT", "DESCRIBE")
    shapes = [(row["Resource"], row["Permissions"]) for row in rows(world, ADMIN, Resource=on_table())]
    named = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}
    assert shapes == [
        ({"Table": named}, ["DESCRIBE"]),
        ({"TableWithColumns": named | {"ColumnWildcard": {}}}, ["SELECT"]),
    ]


def test_all_tables_are_listed_by_their_wildcard_name() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, ALL_TABLES, "SELECT", "DESCRIBE")
    named = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "ALL_TABLES"}
    assert [row["Resource"] for row in rows(world, ADMIN, Resource=ALL_TABLES)] == [
        {"Table": named | {"TableWildcard": {}}},
        {"TableWithColumns": named | {"ColumnWildcard": {}}},
    ]
    assert readable(world, ANALYST) == EVERY_COLUMN


def test_a_column_wildcard_is_the_whole_table() -> None:
    world = with_table(new_world())
    body = {"CatalogId": PRODUCER, "DatabaseName": "SALES", "Name": "Orders", "ColumnWildcard": {}}
    grant(world, ADMIN, ANALYST.arn, {"TableWithColumns": body}, "SELECT")
    revoke(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert held(world, ADMIN, ANALYST.arn) == []


def test_granting_twice_is_one_row() -> None:
    world = with_table(new_world())
    for _ in range(2):
        grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert held(world, ADMIN, ANALYST.arn) == [("TableWithColumns", ("SELECT",), ())]


def test_a_resource_without_catalog_is_that_of_the_grantor() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, {"Database": {"Name": "Sales"}}, "DESCRIBE")
    grant(world, ADMIN, ANALYST.arn, on_database(), "DESCRIBE")
    assert held(world, ADMIN, ANALYST.arn) == [("Database", ("DESCRIBE",), ())]


def test_revoking_the_grant_option_leaves_the_verb() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT", option=("SELECT",))
    revoke(world, ADMIN, ANALYST.arn, on_table(), option=("SELECT",))
    assert held(world, ADMIN, ANALYST.arn) == [("TableWithColumns", ("SELECT",), ())]
    assert readable(world, ANALYST) == EVERY_COLUMN


def test_revoking_the_verb_leaves_the_grant_option() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT", option=("SELECT",))
    revoke(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    assert held(world, ADMIN, ANALYST.arn) == [("TableWithColumns", (), ("SELECT",))]
    assert readable(world, ANALYST) == ()


def test_all_is_listed_with_what_it_stands_for() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, WRITER, on_table(), "ALL")
    assert held(world, ADMIN, WRITER) == [
        ("Table", ("ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT"), ()),
        ("TableWithColumns", ("SELECT",), ()),
    ]


def test_taking_one_verb_from_all_leaves_the_others() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, WRITER, on_database(), "ALL")
    revoke(world, ADMIN, WRITER, on_database(), "DROP")
    assert held(world, ADMIN, WRITER) == [("Database", ("ALTER", "CREATE_TABLE", "DESCRIBE"), ())]


def test_revoking_all_takes_everything() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, WRITER, on_table(), "ALL", option=("ALL",))
    revoke(world, ADMIN, WRITER, on_table(), "ALL", option=("ALL",))
    assert held(world, ADMIN, WRITER) == []


def test_revoking_from_a_grantee_without_permissions_is_refused() -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "No permissions revoked. Grantee has no permissions"):
        revoke(world, ADMIN, ANALYST.arn, on_table(), "SELECT")


def test_revoking_an_unheld_verb_names_it_and_changes_nothing() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    with refused("InvalidInputException", "No permissions revoked. Grantee does not have:[ALTER]"):
        revoke(world, ADMIN, ANALYST.arn, on_table(), "SELECT", "ALTER")
    assert held(world, ADMIN, ANALYST.arn) == [("TableWithColumns", ("SELECT",), ())]


def test_everyone_of_the_account_reads_what_is_open_to_all_of_iam() -> None:
    world = with_table(new_world(open_to_all=True))
    assert held(world, ADMIN, EVERYONE, ResourceType="TABLE") == [("Table", ("ALL",), ())]
    assert readable(world, ANALYST) == EVERY_COLUMN
    revoke(world, ADMIN, EVERYONE, on_table(), "ALL")
    assert readable(world, ANALYST) == ()


def test_administrators_and_root_read_no_data_by_their_office() -> None:
    world = with_table(new_world())
    assert readable(world, ADMIN) == ()
    assert readable(world, caller(PRODUCER)) == ()


def test_a_batch_reports_each_entry_that_failed() -> None:
    world = with_table(new_world())
    good = {"Id": "1"} | permission(ANALYST.arn, on_columns("id"), "SELECT", option=("SELECT",))
    bad = {"Id": "2"} | permission(ANALYST.arn, on_table("missing"), "SELECT")
    failures = lf(world, ADMIN, "BatchGrantPermissions", Entries=[good, bad])["Failures"]
    assert [(one["RequestEntry"]["Id"], one["Error"]["ErrorCode"]) for one in failures] == [
        ("2", "EntityNotFoundException")
    ]
    assert held(world, ADMIN, ANALYST.arn) == [("TableWithColumns", ("SELECT",), ("SELECT",))]
    assert lf(world, ADMIN, "BatchRevokePermissions", Entries=[good]) == {"Failures": []}
    assert held(world, ADMIN, ANALYST.arn) == []


def test_a_batch_takes_twenty_entries() -> None:
    world = with_table(new_world())
    entries = [{"Id": str(n)} | permission(ANALYST.arn, on_table(), "SELECT") for n in range(21)]
    with refused("InvalidInputException"):
        lf(world, ADMIN, "BatchGrantPermissions", Entries=entries)
    assert lf(world, ADMIN, "BatchGrantPermissions", Entries=entries[:20]) == {"Failures": []}


def test_stores_survive_pickling() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    restored = pickle.loads(pickle.dumps(world))  # noqa: S301 - our own bytes
    assert held(restored, ADMIN, ANALYST.arn) == held(world, ADMIN, ANALYST.arn)
