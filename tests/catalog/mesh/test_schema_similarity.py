"""Groups of similar schemas."""

import random

import pytest

from catalog.mesh.schema_similarity import build_features, compute_similarity, group_similar_tables

CLAIMS = [
    ("claim_id", "bigint"),
    ("policy_id", "string"),
    ("amount", "decimal(10,2)"),
    ("opened_on", "date"),
    ("state", "string"),
]
TRADES = [
    ("trade_id", "bigint"),
    ("isin", "string"),
    ("price", "double"),
    ("traded_at", "timestamp"),
    ("venue", "string"),
]


def group(*schemas: list[tuple[str, str]]) -> list[list[int]]:
    return group_similar_tables({n: build_features(one) for n, one in enumerate(schemas)})


def test_equal_schemas_are_one_group_in_any_order_of_columns() -> None:
    assert group(CLAIMS, TRADES, CLAIMS[::-1]) == [[0, 2]]


def test_a_schema_with_one_more_column_is_similar() -> None:
    assert group(CLAIMS, [*CLAIMS, ("loaded_at", "timestamp")], TRADES) == [[0, 1]]


def test_the_size_of_a_type_does_not_matter_but_its_family_does() -> None:
    assert build_features([("a", "varchar(20)")]) == build_features([("A", "string")])
    assert build_features([("a", "bigint")]) != build_features([("a", "string")])


def test_different_schemas_are_no_group() -> None:
    assert group(CLAIMS, TRADES) == []
    assert compute_similarity(CLAIMS, TRADES) == 0
    assert compute_similarity([], []) == 0


def test_common_columns_make_no_group() -> None:
    """Each table has the same four technical columns, and three of its own."""
    technical = [(name, "timestamp") for name in ("loaded_at", "valid_from", "valid_to")]
    tables = [[*technical, *((f"own_{n}_{m}", "string") for m in range(3))] for n in range(30)]
    assert group(*tables) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_index_finds_what_comparing_each_with_each_finds(seed: int) -> None:
    """Near copies of 20 schemas: each copy is in the group of its original."""
    picks = random.Random(seed)
    originals = [[(f"c{n}_{m}", picks.choice(["string", "bigint"])) for m in range(12)] for n in range(20)]
    copies = [one[:-1] for one in originals]
    found = group(*originals, *copies)
    assert found == [[n, n + 20] for n in range(20)]


def test_thousands_of_schemas_are_quick() -> None:
    """Not each is compared with each."""
    tables = [[(f"t{n}_{m}", "string") for m in range(8)] + [("id", "bigint")] for n in range(3000)]
    assert group(*tables) == []
