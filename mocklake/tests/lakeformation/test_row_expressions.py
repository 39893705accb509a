"""Row filter expressions: what is understood, how it is written as SQL, and that all else is refused."""

import duckdb
import pytest

from mocklake.lakeformation.row_filters import write_expression_sql
from mocklake.oracle.policy_texts import passes_filter
from mocklake.tests.lakeformation.worlds import refused

TYPES = {
    "name": "string",
    "age": "int",
    "born": "date",
    "seen": "timestamp",
    "open": "boolean",
    "tags": "array<string>",
}


@pytest.mark.parametrize(
    ("expression", "sql"),
    [
        ("name = 'O''Hara'", "(\"name\" = 'O''Hara')"),
        ("\"Name\" != 'x' and AGE>=-3.5", '(("name" <> \'x\') AND ("age" >= -3.5))'),
        (
            "not (age in (1, 2) or age is not null)",
            '(NOT (("age" IN (1, 2)) OR ("age" IS NOT NULL)))',
        ),
        ("age NOT BETWEEN 1 AND 5", '("age" NOT BETWEEN 1 AND 5)'),
        ("name NOT LIKE 'a%' OR open = true", '(("name" NOT LIKE \'a%\') OR ("open" = true))'),
        ("born > '2026-01-31'", "(\"born\" > DATE '2026-01-31')"),
        ("seen <= TIMESTAMP '2026-01-31 10:00:00'", "(\"seen\" <= TIMESTAMP '2026-01-31 10:00:00')"),
    ],
)
def test_what_is_understood(expression: str, sql: str) -> None:
    assert write_expression_sql(expression, TYPES) == sql


@pytest.mark.parametrize(
    "expression",
    [
        "", "name", "name =", "name = age", "1 = 1", "unknown = 1", "age = 'x'", "name = 1", "name LIKE 3",
        "age LIKE '1%'", "name = 'x' OR", "(name = 'x'", "name = 'x')", "name = 'x'; DROP TABLE t", "tags = 'x'",
        "lower(name) = 'x'", "name = 'x' -- rest", "name IN (SELECT 1)", "EXISTS (SELECT 1)", "born = 'soon'",
        "name IS 'x'", "name IN ()", "NOT", "name = 'x' UNION SELECT 1", "(" * 60 + "age = 1" + ")" * 60,
        "name = '" + "x" * 2048 + "'", "name = DATE '2026-01-01'", "name ESCAPE 'x'", "name = $1",
    ],
)  # fmt: skip
def test_what_is_refused(expression: str) -> None:
    with refused("InvalidInputException", "Invalid row filter expression"):
        write_expression_sql(expression, TYPES)


@pytest.mark.parametrize(
    "expression",
    [
        "name = 'Ada' OR age > 5",
        "NOT name = 'Ada'",
        "age NOT IN (1, 7) AND name IS NOT NULL",
        "name LIKE '_d%' OR name IS NULL",
        "NOT (age BETWEEN 1 AND 5 OR open = false)",
        "age <> 7 AND name NOT LIKE 'B%' OR NOT NOT open = true",
    ],
)
def test_the_oracle_reads_them_alike(expression: str) -> None:
    rows = [
        {"name": name, "age": age, "open": is_open}
        for name in ("Ada", "Bob", None)
        for age in (1, 7, None)
        for is_open in (True, False, None)
    ]
    sql = write_expression_sql(expression, TYPES)
    with duckdb.connect() as engine:
        for row in rows:
            select = f"SELECT coalesce({sql}, false) FROM (SELECT ?::varchar AS name, ?::int AS age, ?::bool AS open)"
            answer = engine.execute(select, list(row.values())).fetchone()
            assert answer is not None
            assert bool(answer[0]) == passes_filter(expression, row), row
