"""What a statement reads, by its text."""

import pytest

from catalog.usage.athena import StatementTable, TableColumn, read_statement

T, U = StatementTable("", "links", "t"), StatementTable("", "other", "u")


def list_columns(text: str, columns: dict[StatementTable, set[str]] | None = None) -> set[tuple[str, str]]:
    return {(one.table.name, one.name) for one in read_statement(text, "links", columns).columns}


def list_joins(text: str) -> set[tuple[str, str, str, str]]:
    joins = read_statement(text, "links").joins
    return {(one.table.name, one.name, two.table.name, two.name) for one, two in joins}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t",
        'SELECT "A" FROM "AwsDataCatalog"."LINKS"."T"',
        "INSERT INTO z SELECT a FROM t",
        "CREATE TABLE z WITH (format='PARQUET') AS SELECT a FROM t",
        "UNLOAD (SELECT a FROM t WHERE b IN (1, 2)) TO 's3://x/(y' WITH (format = 'PARQUET')",
        "WITH c AS (SELECT a FROM t) SELECT a FROM c",
        "SELECT 1; SELECT a FROM t",
    ],
)
def test_a_table_is_found_in_every_kind_of_query(text: str) -> None:
    assert [table[1:] for table in read_statement(text, "Links").tables] == [("links", "t")]
    assert ("t", "a") in list_columns(text)


@pytest.mark.parametrize(
    "text", ["", "selct a from", "SHOW TABLES", "EXECUTE p USING 1", "SELECT " + "(" * 5000, "x" * 300_000]
)
def test_other_texts_are_unreadable(text: str) -> None:
    assert not read_statement(text, "links").is_readable


@pytest.mark.parametrize(
    "text", ["CREATE VIEW v AS SELECT a FROM t", "SELECT 1", "SELECT x FROM unnest(ARRAY[1]) AS q(x)"]
)
def test_a_statement_may_read_no_table(text: str) -> None:
    assert read_statement(text, "links").tables == ()
    assert read_statement(text, "links").is_readable


def test_all_columns_are_a_star_and_a_count_is_none() -> None:
    assert list_columns("SELECT * FROM t") == {("t", "*")}
    assert list_columns("SELECT count(*) FROM t") == set()
    assert list_columns("SELECT t.*, u.x FROM t, other.u u") == {("t", "*"), ("u", "x")}


def test_a_column_without_a_qualifier_is_of_the_table_that_has_it() -> None:
    text = "SELECT a, b FROM t JOIN other.u ON t.id = u.id"
    assert list_columns(text) == {("t", "id"), ("u", "id")}
    assert list_columns(text, {T: {"id", "a"}, U: {"id", "b"}}) == {
        ("t", "id"),
        ("u", "id"),
        ("t", "a"),
        ("u", "b"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM t JOIN other.u ON t.id = u.t_id",
        "SELECT 1 FROM t, other.u WHERE u.t_id = t.id AND t.x = 'secret'",
        "WITH c AS (SELECT t_id, count(*) AS n FROM other.u GROUP BY t_id) SELECT 1 FROM t JOIN c ON c.t_id = t.id",
        "SELECT 1 FROM t JOIN (SELECT t_id AS k FROM other.u) s ON s.k = t.id",
    ],
)
def test_joined_columns_are_found_through_subqueries(text: str) -> None:
    assert list_joins(text) == {("t", "id", "u", "t_id")}


def test_using_joins_columns_of_one_name() -> None:
    assert list_joins("SELECT 1 FROM t JOIN other.u USING (id)") == {("t", "id", "u", "id")}


def test_a_join_without_columns_is_a_pair_of_tables() -> None:
    assert list_joins("SELECT 1 FROM t CROSS JOIN other.u") == {("t", "", "u", "")}


def test_columns_of_a_subquery_are_those_of_its_table() -> None:
    assert TableColumn(T, "a") in read_statement("SELECT s.b FROM (SELECT a AS b FROM t) s", "links").columns
