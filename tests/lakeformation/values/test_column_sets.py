"""Sets of columns behave as sets do, all-but-some ones among them."""

from hypothesis import given
from hypothesis import strategies as st

from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet

NAMES = "abcd"
column_sets = st.builds(ColumnSet, st.frozensets(st.sampled_from(NAMES)), is_exclusion=st.booleans())


@given(column_sets, column_sets, st.sampled_from("abcdz"))
def test_membership_decides_union_intersection_and_difference(
    one: ColumnSet, other: ColumnSet, name: str
) -> None:
    assert (name in one | other) == (name in one or name in other)
    assert (name in one & other) == (name in one and name in other)
    assert (name in one - other) == (name in one and name not in other)


@given(column_sets)
def test_json_keeps_a_set_as_it_is(columns: ColumnSet) -> None:
    assert ColumnSet.from_json(columns.to_json()) == columns


def test_everything_admits_a_column_that_does_not_exist_yet() -> None:
    assert "added_next_year" in ALL_COLUMNS
    assert "added_next_year" not in ColumnSet.include(["id"])


def test_names_differ_by_more_than_case() -> None:
    """Spark writes `ClaimId` into Glue; Lake Formation lists what was granted on it as `claimid`."""
    asked, listed = ColumnSet.include(["ClaimId", "amount"]), ColumnSet.include(["claimid", "amount"])
    assert not asked - listed
    assert "CLAIMID" in asked
    assert "ClaimId" not in ColumnSet.every(exclude=["claimid"])
    assert ColumnSet.from_json({"include": ["ClaimId"]}) == ColumnSet.include(["claimid"])
