"""What somebody ordered to be removed is not counted among what nobody accounts for."""

from dataclasses import replace

from lakeformation.planning.removals import Removal, not_ordered
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.permissions import Permission, Place

SELECT = Permission(Place("111111111111", "eu-central-1"), "role", "gold", "claims", "SELECT")
OTHER = replace(SELECT, table="policies")


def test_the_columns_that_were_ordered_are_left_out() -> None:
    held = {SELECT: ColumnSet.include(["a", "b"]), OTHER: EVERY}
    assert not_ordered(held, []) == held
    ordered = Removal(1, SELECT, ColumnSet.include(["a"]))
    assert not_ordered(held, [ordered]) == {SELECT: ColumnSet.include(["b"]), OTHER: EVERY}
    assert not_ordered(held, [Removal(1, SELECT, EVERY), Removal(2, OTHER, EVERY)]) == {}


def test_with_the_option_to_pass_it_on_goes_the_permission() -> None:
    option = replace(SELECT, grantable=True)
    held = {SELECT: EVERY, option: EVERY}
    assert not_ordered(held, [Removal(1, option, EVERY)]) == {}
    assert not_ordered(held, [Removal(1, SELECT, EVERY)]) == {option: EVERY}
