"""The calls that make registered tables, and what is left alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lakeformation.observation.registered_names import ObservedDatabase, ObservedNames, ObservedTable
from lakeformation.planning.catalog_plan import (
    RegistrationPlan,
    RegistrationSpec,
    exclude_planned_locations,
    plan_registered_tables,
)
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.permissions import DataCatalog, HeldPermissions, Permission
from lakeformation.values.registered_tables import RegisteredColumn, RegisteredTable, build_updated_input

CATALOG = DataCatalog("111111111111", "eu-central-1")
TABLE = RegisteredTable(
    CATALOG, "gold", "policies", 7, "s3://bucket/gold/policies/", "arn:aws:iam::111111111111:role/location",
    "parquet", (RegisteredColumn("id", "string", "the policy"),), (RegisteredColumn("day", "date"),),
    parameters=(("tier", "gold"),),
)  # fmt: skip
SPEC = RegistrationSpec(1, TABLE)
REGISTERED = frozenset({"arn:aws:s3:::bucket/gold"})
OURS = ObservedDatabase(is_ours=True, opens_new_tables=False)
SEEN = ObservedTable.from_glue(TABLE.to_glue())


def plan(
    specs: list[RegistrationSpec],
    names: ObservedNames = ObservedNames(),  # noqa: B008 - frozen
    held: HeldPermissions | None = None,
    registered: frozenset[str] = frozenset(),
) -> RegistrationPlan:
    return plan_registered_tables(specs, names, registered, held or {})


def observe(table: ObservedTable = SEEN, database: ObservedDatabase = OURS) -> ObservedNames:
    return ObservedNames({"gold": database}, {("gold", "policies"): table})


def list_operations(found: RegistrationPlan) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(s.operation, s.changes[0].resource, s.changes[0].intents) for s in found.steps]


def test_a_table_survives_json_and_glue() -> None:
    assert RegisteredTable.from_json(TABLE.to_json()) == TABLE
    assert (SEEN.mark, SEEN.columns, SEEN.partition_keys) == ("7", TABLE.columns, TABLE.partition_keys)
    database = ObservedDatabase.from_glue(TABLE.container.to_glue())
    assert database == OURS


def test_location_database_and_table_are_made_in_this_order() -> None:
    assert list_operations(plan([SPEC])) == [
        ("RegisterResource", "arn:aws:s3:::bucket/gold/policies", (1,)),
        ("CreateDatabase", "gold", (1,)),
        ("CreateTable", "gold/policies", (1,)),
    ]


def test_two_tables_share_their_database() -> None:
    other = RegistrationSpec(2, replace(TABLE, name="claims", registration=8))
    found = list_operations(plan([SPEC, other], registered=REGISTERED))
    assert found == [
        ("CreateDatabase", "gold", (1, 2)),
        ("CreateTable", "gold/policies", (1,)),
        ("CreateTable", "gold/claims", (2,)),
    ]


def test_what_is_there_needs_nothing() -> None:
    found = plan([SPEC], observe(), registered=REGISTERED)
    assert (found.steps, found.problems, found.affected_intents) == ([], {}, set())


def test_an_ended_registration_wants_nothing_and_deletes_nothing() -> None:
    ended = replace(SPEC, ended_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert plan([ended]).steps == plan([ended], observe()).steps == []


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (replace(SEEN, location="s3://other/x"), "its location is s3://other/x"),
        (replace(SEEN, columns=()), "column id is not there"),
        (replace(SEEN, columns=(RegisteredColumn("id", "int"),)), "column id is int, not string"),
        (replace(SEEN, columns=(RegisteredColumn("id", "string"),)), "column id has another comment"),
        (replace(SEEN, columns=(*SEEN.columns, RegisteredColumn("b", "int"))), "column b was not registered"),
        (replace(SEEN, partition_keys=()), "partition key day is not there"),
        (replace(SEEN, parameters={}), "its parameter tier is not gold"),
        (replace(SEEN, mark="8"), "was not made for this registration"),
        (replace(SEEN, mark=""), "was not made for this registration"),
    ],
)
def test_what_differs_is_a_problem_and_never_overwritten(seen: ObservedTable, words: str) -> None:
    found = plan([SPEC], observe(seen))
    assert (found.steps, list(found.problems)) == ([], [1])
    assert words in found.problems[1]


def test_no_table_is_made_where_it_would_open_itself() -> None:
    opening = ObservedDatabase(is_ours=False, opens_new_tables=True)
    found = plan([SPEC], ObservedNames({"gold": opening}))
    assert found.steps == []
    assert "default permissions" in found.problems[1]


def test_everyone_loses_what_the_portal_made_and_keeps_the_rest() -> None:
    def everyone(table: str, database: str = "gold") -> Permission:
        return Permission(CATALOG, "IAM_ALLOWED_PRINCIPALS", database, table, "ALL")

    held = dict.fromkeys(
        [everyone(""), everyone("policies"), everyone("claims"), everyone("", "other")], ALL_COLUMNS
    )
    found = list_operations(plan([SPEC], observe(), held, REGISTERED))
    assert found == [
        ("BatchRevokePermissions", "gold", (1,)),
        ("BatchRevokePermissions", "gold/policies", (1,)),
    ]
    foreign = replace(OURS, is_ours=False)
    found = list_operations(plan([SPEC], observe(database=foreign), held, REGISTERED))
    assert found == [("BatchRevokePermissions", "gold/policies", (1,))]


def test_a_location_that_a_grant_registers_is_registered_once() -> None:
    steps = plan([SPEC]).steps
    assert [s.operation for s in exclude_planned_locations(steps, steps)] == ["CreateDatabase", "CreateTable"]


UPDATED = replace(
    TABLE, columns=(*TABLE.columns, RegisteredColumn("premium", "double")), replaces=TABLE.columns
)
UPDATE = RegistrationSpec(2, UPDATED)


def test_an_update_is_sent_where_the_table_has_the_columns_that_it_replaces() -> None:
    assert RegisteredTable.from_json(UPDATED.to_json()) == UPDATED
    found = plan([UPDATE], observe(), registered=REGISTERED)
    assert list_operations(found) == [("UpdateTable", "gold/policies", (2,))]
    done = ObservedTable.from_glue(UPDATED.to_glue())
    assert not plan([UPDATE], observe(done), registered=REGISTERED).affected_intents


@pytest.mark.parametrize(
    "table",
    [
        replace(TABLE, columns=(RegisteredColumn("number", "string"),)),
        replace(TABLE, location="s3://bucket/gold/elsewhere/"),
        replace(TABLE, partition_keys=()),
    ],
)
def test_no_update_is_sent_to_a_table_that_somebody_changed(table: RegisteredTable) -> None:
    found = plan([UPDATE], observe(ObservedTable.from_glue(table.to_glue())), registered=REGISTERED)
    assert (found.steps, list(found.problems)) == ([], [2])


def test_an_update_that_was_undone_later_is_reported_and_not_repeated() -> None:
    found = plan([replace(UPDATE, is_proven=True)], observe(), registered=REGISTERED)
    assert found.problems == {2: "gold.policies is not as it was registered: column premium is not there"}


def test_an_updated_table_keeps_all_but_its_columns() -> None:
    row = {**TABLE.to_glue(), "CreateTime": 1, "VersionId": "4", "Owner": "pipeline"}
    changed = build_updated_input(row, UPDATED)
    assert changed["StorageDescriptor"] == UPDATED.to_glue()["StorageDescriptor"]
    assert (changed["Owner"], changed["Parameters"]) == ("pipeline", row["Parameters"])
    assert not {"CreateTime", "VersionId"} & set(changed)
