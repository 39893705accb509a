"""The floor of columns: by column and by table, over many steps, with agreements, in cycles."""

from collections.abc import Iterable, Mapping

from catalog.derivation.floor import Agreement, Agreements, ColumnFloor, Graph, Place, compute_floor

T, S, R, RAW = -1, -2, -3, 7
OWN, OTHER, THIRD = 10, 20, 30
CLASSES = {
    T: {"": "public", "iban": "public", "total": "public"},
    S: {"": "sensitive", "iban": "sensitive", "amount": "private"},
    R: {"": "sensitive", "name": "sensitive"},
}
TEAMS = {T: OWN, S: OTHER, R: THIRD}


def compute(
    sources: Mapping[int, Iterable[int]],
    columns: Mapping[Place, Iterable[Place]] | None = None,
    *,
    column: str = "iban",
    teams: Mapping[int, int | None] = TEAMS,
    classes: Mapping[int, Mapping[str, str]] = CLASSES,
    agreements: Iterable[Agreement] = (),
) -> ColumnFloor:
    found = {target: set(rows) for target, rows in (columns or {}).items()}
    graph = Graph(
        sources={node: set(rows) for node, rows in sources.items()},
        column_sources=found,
        traced={(target.node, one.node) for target, rows in found.items() for one in rows},
        classes=classes,
        teams=teams,
    )
    place = Place(T, column)
    return compute_floor(graph, place, classes[T].get(column, ""), Agreements(agreements))


def list_missing(found: ColumnFloor) -> list[Place]:
    return [one.place for one in found.missing]


def test_without_column_lineage_the_whole_table_decides() -> None:
    found = compute({T: {S}}, column="total")
    assert (found.floor, found.is_below, list_missing(found)) == ("sensitive", True, [Place(S, "")])


def test_with_column_lineage_each_column_has_its_own_floor() -> None:
    columns = {Place(T, "iban"): {Place(S, "iban")}, Place(T, "total"): {Place(S, "amount")}}
    assert compute({T: {S}}, columns).floor == "sensitive"
    assert compute({T: {S}}, columns, column="total").floor == "private"
    assert compute({T: {S}}, columns, column="month").floor == ""


def test_another_input_without_column_lineage_still_counts_as_a_whole() -> None:
    columns = {Place(T, "total"): {Place(S, "amount")}}
    assert list_missing(compute({T: {S, R}}, columns, column="total")) == [Place(R, ""), Place(S, "amount")]


def test_a_column_that_the_catalog_lacks_has_its_tables_highest_class() -> None:
    assert compute({T: {S}}, {Place(T, "iban"): {Place(S, "gone")}}).floor == "sensitive"


def test_unclassified_places_and_datasets_are_passed_through() -> None:
    columns = {Place(T, "iban"): {Place(RAW, "x")}, Place(RAW, "x"): {Place(S, "iban")}}
    assert list_missing(compute({T: {RAW}, RAW: {S}}, columns)) == [Place(S, "iban")]


def test_own_data_sets_a_floor_but_needs_nobodys_word() -> None:
    found = compute({T: {S}}, teams={T: OWN, S: OWN})
    assert (found.floor, found.missing) == ("sensitive", ())


def test_own_data_between_does_not_hide_data_of_others() -> None:
    classes = {**CLASSES, S: {"": "public"}}
    found = compute({T: {S}, S: {R}}, teams={T: OWN, S: OWN, R: THIRD}, classes=classes)
    assert list_missing(found) == [Place(R, "")]


def test_who_classified_a_table_between_answers_for_their_own_inputs() -> None:
    classes = {**CLASSES, S: {"": "public"}}
    found = compute({T: {S}, S: {R}}, teams={T: OWN, S: OTHER, R: OTHER}, classes=classes)
    assert (found.floor, found.missing) == ("public", ())


def test_an_agreement_upstream_holds_for_what_is_made_from_it() -> None:
    classes = {**CLASSES, S: {"": "public"}}
    agreed = [Agreement(Place(S, ""), Place(R, ""), "sensitive", "public")]
    assert compute({T: {S}, S: {R}}, classes=classes).missing
    assert not compute({T: {S}, S: {R}}, classes=classes, agreements=agreed).missing
    around = compute({T: {S, R}, S: {R}}, classes=classes, agreements=agreed)
    assert list_missing(around) == [Place(R, "")]


def test_several_owners_have_to_agree() -> None:
    agreed = [Agreement(Place(T, "iban"), Place(S, ""), "sensitive", "public")]
    assert list_missing(compute({T: {S, R}}, agreements=agreed)) == [Place(R, "")]


def test_an_agreement_covers_no_lower_class_and_no_higher_input() -> None:
    lower = Agreement(Place(T, "iban"), Place(S, ""), "sensitive", "private")
    higher = Agreement(Place(T, "iban"), Place(S, ""), "private", "public")
    assert compute({T: {S}}, agreements=[lower]).missing
    assert compute({T: {S}}, agreements=[higher]).missing


def test_an_agreement_about_a_column_does_not_cover_the_whole_table() -> None:
    agreed = [Agreement(Place(T, "iban"), Place(S, "iban"), "sensitive", "public")]
    assert compute({T: {S}}, agreements=agreed).missing
    assert not compute({T: {S}}, {Place(T, "iban"): {Place(S, "iban")}}, agreements=agreed).missing


def test_data_of_nobody_is_missing_a_word_for_ever() -> None:
    assert compute({T: {S}}, teams={T: OWN, S: None}).missing


def test_cycles_end() -> None:
    found = compute({T: {S}, S: {T, R}, R: {S, T}})
    assert list_missing(found) == [Place(R, ""), Place(S, "")]


def test_an_unclassified_column_is_as_open_as_a_public_one() -> None:
    classes = {**CLASSES, S: {"": "public"}}
    assert not compute({T: {S}}, column="new", classes={**classes, T: {}}).missing
    assert compute({T: {S}}, column="new", classes={**CLASSES, T: {}}).missing
