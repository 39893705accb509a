"""One text as one statement: what kind it is, and its tree where sqlglot has one.

Athena reads a text twice: by Hive's rules (names in backticks) where it changes or shows the catalog, else by Trino's
(names in double quotes). What neither can read is refused by StartQueryExecution, before there is a query.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token

from mocklake.athena.failures import invalid
from mocklake.athena.statement_kinds import Kind, kind_of
from mocklake.errors import AwsError

DIALECT = "athena"
ONE_ONLY = "Only one sql statement is allowed. Got: {}"
_QUOTED_OR_COMMENT = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|(?P<comment>--[^\n]*|/\*.*?\*/)""", re.DOTALL
)


@dataclass(frozen=True)
class Statement:
    """`text` has blanks for comments, so that positions stay, and no semicolon at its end.

    `tree` is None where sqlglot has none for the kind (SHOW, MSCK, PREPARE and others): those are read from `text`.
    """

    kind: Kind
    text: str
    tree: exp.Expr | None

    @cached_property
    def words(self) -> str:
        """`text` with single blanks; not for reading what is in quotes."""
        return " ".join(self.text.split())


def parse(sql: str) -> Statement:
    """Raises AwsError InvalidRequestException in Athena's words."""
    text = without_comments(sql).rstrip().removesuffix(";").rstrip()
    if not text:
        raise invalid("Query string is empty")
    tokens = _tokens(text)
    kind = kind_of(text)
    if kind is None:
        first = tokens[0]
        raise mismatched(first.text, first.line, _column(first.col, first.text))
    if not kind.has_tree:
        return Statement(kind, text, None)
    _check_select_lists(tokens)
    trees = _trees(text)
    if len(trees) > 1:
        raise invalid(ONE_ONLY.format(sql))
    return Statement(_with_query(kind, trees[0]), text, trees[0])


def query_tree(text: str) -> exp.Query | exp.Values:
    """The tree of a query that is part of another text: a view's, or that of PREPARE, EXPLAIN and UNLOAD."""
    tree = parse(text).tree
    if not isinstance(tree, (exp.Query, exp.Values)):
        raise invalid("Only queries are allowed here")
    return tree


def without_comments(sql: str) -> str:
    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found[0]) if found["comment"] else found[0]

    return _QUOTED_OR_COMMENT.sub(blank, sql)


def mismatched(text: str, line: int, column: int) -> AwsError:
    return invalid(f"line {line}:{column}: mismatched input '{text}'")


def _with_query(kind: Kind, tree: exp.Expr | None) -> Kind:
    is_query = isinstance(tree, exp.Create) and tree.kind == "TABLE" and tree.expression is not None
    return Kind.CREATE_TABLE_AS_SELECT if is_query else kind


def _tokens(text: str) -> list[Token]:
    try:
        found = sqlglot.tokenize(text, read=DIALECT)
    except TokenError as error:
        raise invalid(f"line 1:1: {str(error).partition(':')[0]}") from error
    return [one for one in found if one.text]


def _trees(text: str) -> list[exp.Expr | None]:
    try:
        return sqlglot.parse(text, read=DIALECT)
    except ParseError as error:
        place = error.errors[0] if error.errors else {}
        found, line = str(place.get("highlight") or "<EOF>"), int(place.get("line") or 1)
        raise mismatched(found, line, _column(int(place.get("col") or 1), found)) from error


def _column(end: int, text: str) -> int:
    """The parser tells where a word ends, Trino where it begins."""
    return max(1, end - len(text) + 1)


def _check_select_lists(tokens: list[Token]) -> None:
    """The parser takes lists that are empty or end in a comma."""
    for before, after in pairwise(tokens):
        if before.text.upper() in {"SELECT", ","} and after.text.upper() == "FROM":
            raise mismatched(after.text, after.line, _column(after.col, after.text))
