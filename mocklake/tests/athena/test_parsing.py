"""What kind of statement a text is, and what is refused before a query starts."""

import pytest
from sqlglot import exp

from mocklake.athena.parsing import Kind, parse
from mocklake.errors import AwsError


@pytest.mark.parametrize(
    ("sql", "kind", "statement_type"),
    [
        ("-- first\nselect 1;", Kind.SELECT, "DML"),
        ("(SELECT 1)", Kind.SELECT, "DML"),
        ("WITH a AS (SELECT 1 AS x) SELECT * FROM a", Kind.SELECT, "DML"),
        ("VALUES (1, 2)", Kind.SELECT, "DML"),
        ("CREATE TABLE d.t WITH (format = 'PARQUET') AS SELECT 1 AS a", Kind.CREATE_TABLE_AS_SELECT, "DDL"),
        ("CREATE EXTERNAL TABLE `d`.`t` (`a` string) LOCATION 's3://b/t/'", Kind.CREATE_TABLE, "DDL"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1 AS a", Kind.CREATE_VIEW, "DDL"),
        ("DROP TABLE IF EXISTS `d`.`t`", Kind.DROP_TABLE, "DDL"),
        ("/* all */ SHOW TABLES IN d", Kind.SHOW_TABLES, "UTILITY"),
        ("EXPLAIN SELECT 1", Kind.EXPLAIN, "UTILITY"),
        ("UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'JSON')", Kind.UNLOAD, "DML"),
    ],
)
def test_first_words_tell_the_kind(sql: str, kind: Kind, statement_type: str) -> None:
    assert (parse(sql).kind, parse(sql).kind.statement_type) == (kind, statement_type)


def test_comments_leave_positions_as_they_were() -> None:
    assert parse("SELECT /* x */ '--kept' -- gone\n;").text == "SELECT         '--kept'"


def test_names_are_quoted_as_the_kind_demands() -> None:
    trees = [parse(sql).tree for sql in ("DROP TABLE `d`.`t`", 'SELECT 1 FROM "d"."t"')]
    assert [one.name for tree in trees if tree for one in tree.find_all(exp.Table)] == ["t", "t"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEKT 1", "line 1:1: mismatched input 'SELEKT'"),
        ("SELECT FROM t", "line 1:8: mismatched input 'FROM'"),
        ("SELECT a,\n FROM t", "line 2:2: mismatched input 'FROM'"),
        ("SELECT\n  a b c FROM t", "line 2:7: mismatched input 'c'"),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed. Got: SELECT 1; SELECT 2"),
        ("SELECT `a` FROM t", "mismatched input '`'"),
        ("SELECT 'a", "line 1:"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(sql: str, message: str) -> None:
    with pytest.raises(AwsError, match=message) as refused:
        parse(sql)
    assert refused.value.code == "InvalidRequestException"
