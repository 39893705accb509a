"""Whatever is granted and revoked column by column, both ways of keeping rows read as plain sets would."""

from hypothesis import given
from hypothesis import strategies as st

from mocklake.lakeformation.resources import Columns
from mocklake.lakeformation.selections import (
    Selection,
    add_selection,
    covers_columns,
    list_passable,
    list_readable,
    take_selection,
)

TABLE = ("a", "b", "c", "d")
SOME = st.frozensets(st.sampled_from(TABLE), min_size=1)
STEPS = st.lists(st.tuples(st.sampled_from(["grant", "revoke"]), SOME, st.booleans()), max_size=12)


@given(steps=STEPS, merge=st.booleans())
def test_included_columns_behave_as_sets(
    steps: list[tuple[str, frozenset[str], bool]], *, merge: bool
) -> None:
    selections: list[Selection] = []
    held: set[str] = set()
    grantable: set[str] = set()
    for action, names, option in steps:
        columns = Columns(names)
        if action == "grant":
            selections = add_selection(
                selections, Selection(columns, held=True, grantable=option), merge=merge
            )
            held |= names
            grantable |= names if option else set()
        elif option:
            selections = take_selection(selections, columns, held=False, grantable=True, merge=merge)
            grantable -= names
        else:
            selections = take_selection(selections, columns, held=True, grantable=False, merge=merge)
            held -= names
        assert list_readable(selections, TABLE) == held
        assert list_passable(selections, TABLE) == grantable
        assert covers_columns(selections, columns, held=True, grantable=False) == (names <= held)
    if merge:
        assert len({(one.held, one.grantable) for one in selections}) == len(selections)


@given(first=SOME, second=SOME, merge=st.booleans())
def test_two_exclusions_admit_what_either_admits(
    first: frozenset[str], second: frozenset[str], *, merge: bool
) -> None:
    selections: list[Selection] = []
    for names in (first, second):
        new = Selection(Columns(names, excluding=True), held=True, grantable=False)
        selections = add_selection(selections, new, merge=merge)
    assert list_readable(selections, TABLE) == set(TABLE) - (first & second)
