"""What several grants on one table come to: columns × rows are united, and each widening is named."""

from hypothesis import given
from hypothesis import strategies as st

from lakeformation.effects.table_effects import find_visible_rows, find_widenings
from lakeformation.values.cells import Cells
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet

GERMAN, AUSTRIAN = "region = 'DE'", "region = 'AT'"


def build_cells(names: str, rows: str = "", why: str = "grant 7") -> Cells:
    return Cells(ColumnSet.include(names), rows, why)


def list_texts(asked: Cells, *others: Cells) -> list[str]:
    return [one.text for one in find_widenings(asked, others)]


def test_nothing_else_widens_nothing() -> None:
    assert list_texts(build_cells("ab", GERMAN)) == []
    assert list_texts(build_cells("ab", GERMAN), build_cells("ab", GERMAN)) == []


def test_columns_alone_add_up_without_a_yes_of_their_own() -> None:
    assert list_texts(build_cells("ab"), build_cells("bc")) == []


def test_two_filters_unite_their_rows() -> None:
    assert list_texts(build_cells("ab", GERMAN), build_cells("bc", AUSTRIAN)) == [
        "sees b, c in the rows where region = 'AT' too: grant 7"
    ]
    assert list_texts(build_cells("a", GERMAN), build_cells("ab", GERMAN)) == [
        "sees b in the rows where region = 'DE' too: grant 7"
    ]


def test_a_plain_select_prevails_over_the_rule_that_is_asked_for() -> None:
    assert list_texts(build_cells("ab", GERMAN), build_cells("a")) == ["sees a in all rows too: grant 7"]


def test_asking_for_all_rows_ends_what_a_rule_limited() -> None:
    assert list_texts(build_cells("ab"), build_cells("bc", GERMAN)) == [
        "sees c in the rows where region = 'DE' too: grant 7",
        "sees b in all rows: grant 7 no longer limits them",
    ]


def test_the_same_overlap_has_the_same_key_and_another_another() -> None:
    (one,), (same,) = (find_widenings(build_cells("a", GERMAN), [build_cells("a")]) for _ in range(2))
    (other,) = find_widenings(build_cells("a", GERMAN), [build_cells("a", AUSTRIAN)])
    assert (one.key == same.key, one.key == other.key) == (True, False)


parts = st.builds(
    Cells,
    st.one_of(st.just(ALL_COLUMNS), st.sets(st.sampled_from("abc")).map(ColumnSet.include)),
    st.sampled_from(["", GERMAN, AUSTRIAN]),
    st.just("grant 7"),
)


@given(parts, st.lists(parts, max_size=4))
def test_what_is_asked_and_its_widenings_are_all_that_is_seen_where_rules_play_a_part(
    asked: Cells, others: list[Cells]
) -> None:
    ruled = [one for one in others if asked.rows or one.rows]
    shown = [asked, *(Cells(one.columns, one.rows) for one in find_widenings(asked, ruled))]
    for column in "abcd":
        assert find_visible_rows([asked, *ruled], column) == find_visible_rows(shown, column)


@given(st.lists(parts, max_size=4), st.lists(parts, max_size=4))
def test_more_parts_never_show_less(some: list[Cells], more: list[Cells]) -> None:
    for column in "abc":
        before, after = find_visible_rows(some, column), find_visible_rows([*some, *more], column)
        assert before <= after or after == {""}
