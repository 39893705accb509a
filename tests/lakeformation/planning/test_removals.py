"""What somebody ordered to be removed is not counted among what nobody accounts for."""

from dataclasses import replace

from lakeformation.planning.catalog_plan import Removal, exclude_removals, plan_removals
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import DataCatalog, Permission
from tests.lakeformation.simulated_catalog import build_access, build_wish

SELECT = Permission(DataCatalog("111111111111", "eu-central-1"), "role", "gold", "claims", "SELECT")
OTHER = replace(SELECT, table="policies")


def test_the_columns_that_were_ordered_are_left_out() -> None:
    held = {SELECT: ColumnSet.include(["a", "b"]), OTHER: ALL_COLUMNS}
    assert exclude_removals(held, []) == held
    ordered = Removal(1, SELECT, ColumnSet.include(["a"]))
    assert exclude_removals(held, [ordered]) == {SELECT: ColumnSet.include(["b"]), OTHER: ALL_COLUMNS}
    assert exclude_removals(held, [Removal(1, SELECT, ALL_COLUMNS), Removal(2, OTHER, ALL_COLUMNS)]) == {}


def test_with_the_option_to_pass_it_on_goes_the_permission() -> None:
    option = replace(SELECT, grantable=True)
    held = {SELECT: ALL_COLUMNS, option: ALL_COLUMNS}
    assert exclude_removals(held, [Removal(1, option, ALL_COLUMNS)]) == {}
    assert exclude_removals(held, [Removal(1, SELECT, ALL_COLUMNS)]) == {option: ALL_COLUMNS}


def test_what_a_live_grant_justifies_is_not_revoked() -> None:
    live = build_wish(2, build_access("id"))
    select = live.access.table_permission[0]
    both = ColumnSet.include(["id", "amount"])
    (step,) = plan_removals([Removal(1, select, both)], {select: both}, [live])
    (change,) = step.changes
    assert (change.atom, change.columns) == (select, ColumnSet.include(["amount"]))
    assert plan_removals([Removal(1, select, both)], {select: ColumnSet.include(["id"])}, [live]) == []
