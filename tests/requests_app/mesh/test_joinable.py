"""Pairs of columns by which products can be joined. Pure."""

from requests_app.mesh.joinable import KeyColumn, pair_columns


def make(product: int, table: int, kind: str = "name", key: str = "policy_id:int") -> KeyColumn:
    return KeyColumn(product, table, "policy_id", kind, key)


def test_each_two_products_are_one_pair() -> None:
    found = pair_columns([make(1, 1), make(2, 2), make(2, 3), make(3, 4)])
    assert [(one.product, other.product) for one, other in found] == [(1, 2), (1, 3), (2, 3)]


def test_a_term_comes_before_a_name() -> None:
    rows = [make(1, 1), make(2, 2), make(1, 1, "term", "5"), make(2, 2, "term", "5")]
    assert [one.kind for one, _other in pair_columns(rows)] == ["term"]


def test_a_table_of_two_products_is_not_joined_with_itself() -> None:
    assert pair_columns([make(1, 1), make(2, 1)]) == []


def test_of_one_product_it_comes_first() -> None:
    found = pair_columns([make(1, 1), make(2, 2), make(3, 3)], 2)
    assert [(one.product, other.product) for one, other in found] == [(2, 1), (2, 3)]
