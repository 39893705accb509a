"""Columns by which products can be joined."""

from catalog.mesh.schema_similarity import MAX_TABLES, KeyedColumn, find_name_keys, find_term_keys


def test_a_rare_name_of_a_key_with_the_same_type_is_found() -> None:
    rows = [KeyedColumn(1, 10, "policy_id", "bigint"), KeyedColumn(2, 20, "POLICY_ID", "int")]
    assert [(one.table, one.column, one.key) for one in find_name_keys(rows)] == [
        (1, "policy_id", "policy_id:int"),
        (2, "POLICY_ID", "policy_id:int"),
    ]


def test_what_is_no_key_is_not_found() -> None:
    assert not find_name_keys(
        [KeyedColumn(1, 10, "policy_id", "string"), KeyedColumn(2, 20, "policy_id", "int")]
    )
    assert not find_name_keys([KeyedColumn(n, n, "amount", "int") for n in range(2)])
    assert not find_name_keys([KeyedColumn(n, n, "id", "int") for n in range(2)])
    assert not find_name_keys([KeyedColumn(n, n, "policy_id", "array<int>") for n in range(2)])


def test_one_product_alone_has_no_key() -> None:
    assert not find_name_keys(
        [KeyedColumn(1, 10, "policy_id", "int"), KeyedColumn(2, 10, "policy_id", "int")]
    )


def test_a_name_in_many_tables_is_no_key() -> None:
    rows = [KeyedColumn(n, n, "policy_id", "int") for n in range(MAX_TABLES + 1)]
    assert not find_name_keys(rows)
    assert len(find_name_keys(rows[1:])) == MAX_TABLES


def test_a_term_on_columns_of_two_products_is_found_whatever_their_names() -> None:
    found = find_term_keys([(1, "customer", 10, 5), (2, "client_no", 20, 5), (3, "x", 30, 6)])
    assert [(one.table, one.column, one.key) for one in found] == [
        (1, "customer", "5"),
        (2, "client_no", "5"),
    ]
