"""One text as one statement: what kind it is, and its tree where sqlglot has one.

Athena reads a text twice: by Hive's rules (names in backticks) where it changes or shows the catalog, else by Trino's
(names in double quotes). What neither can read is refused by StartQueryExecution, before there is a query.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token

from mocklake.athena.failures import invalid
from mocklake.errors import AwsError

DIALECT = "athena"
ONE_ONLY = "Only one sql statement is allowed. Got: {}"
_QUOTED_OR_COMMENT = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|(?P<comment>--[^\n]*|/\*.*?\*/)""", re.DOTALL
)


class Kind(StrEnum):
    """The value is Athena's SubstatementType."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    DELETE = "DELETE"
    UPDATE = "UPDATE"
    MERGE = "MERGE"
    UNLOAD = "UNLOAD"
    OPTIMIZE = "OPTIMIZE"
    VACUUM = "VACUUM"
    EXPLAIN = "EXPLAIN"
    PREPARE = "PREPARE"
    EXECUTE = "EXECUTE"
    DEALLOCATE = "DEALLOCATE"
    CREATE_DATABASE = "CREATE_DATABASE"
    CREATE_TABLE = "CREATE_TABLE"
    CREATE_TABLE_AS_SELECT = "CREATE_TABLE_AS_SELECT"
    CREATE_VIEW = "CREATE_VIEW"
    ALTER_DATABASE = "ALTER_DATABASE"
    ALTER_TABLE = "ALTER_TABLE"
    ALTER_VIEW = "ALTER_VIEW"
    DROP_DATABASE = "DROP_DATABASE"
    DROP_TABLE = "DROP_TABLE"
    DROP_VIEW = "DROP_VIEW"
    MSCK = "MSCK"
    SHOW_COLUMNS = "SHOW_COLUMNS"
    SHOW_CREATE_TABLE = "SHOW_CREATE_TABLE"
    SHOW_CREATE_VIEW = "SHOW_CREATE_VIEW"
    SHOW_DATABASES = "SHOW_DATABASES"
    SHOW_PARTITIONS = "SHOW_PARTITIONS"
    SHOW_TABLES = "SHOW_TABLES"
    SHOW_TBLPROPERTIES = "SHOW_TBLPROPERTIES"
    SHOW_VIEWS = "SHOW_VIEWS"
    DESCRIBE_TABLE = "DESCRIBE_TABLE"
    DESCRIBE_VIEW = "DESCRIBE_VIEW"

    @property
    def statement_type(self) -> str:
        if self in _DML:
            return "DML"
        return "UTILITY" if self in _UTILITY else "DDL"

    @property
    def has_heading(self) -> bool:
        """Whether the column names are the first row of the result."""
        return self in (Kind.SELECT, Kind.EXECUTE)

    @property
    def has_tree(self) -> bool:
        """Whether sqlglot reads the text whole."""
        return self in _TREES


_DML = {
    Kind.SELECT, Kind.INSERT, Kind.DELETE, Kind.UPDATE, Kind.MERGE, Kind.UNLOAD, Kind.OPTIMIZE, Kind.VACUUM,
    Kind.EXECUTE,
}  # fmt: skip
_FIRST_WORDS = (
    (r"SELECT|WITH|VALUES|TABLE|\(", Kind.SELECT),
    (r"INSERT\s+INTO", Kind.INSERT),
    (r"DELETE\s+FROM", Kind.DELETE),
    (r"UPDATE", Kind.UPDATE),
    (r"MERGE\s+INTO", Kind.MERGE),
    (r"UNLOAD", Kind.UNLOAD),
    (r"OPTIMIZE", Kind.OPTIMIZE),
    (r"VACUUM", Kind.VACUUM),
    (r"EXPLAIN", Kind.EXPLAIN),
    (r"PREPARE", Kind.PREPARE),
    (r"EXECUTE", Kind.EXECUTE),
    (r"DEALLOCATE\s+PREPARE", Kind.DEALLOCATE),
    (r"CREATE\s+(?:DATABASE|SCHEMA)", Kind.CREATE_DATABASE),
    (r"CREATE\s+(?:EXTERNAL\s+)?TABLE", Kind.CREATE_TABLE),
    (r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:PROTECTED\s+MULTI\s+DIALECT\s+)?VIEW", Kind.CREATE_VIEW),
    (r"ALTER\s+(?:DATABASE|SCHEMA)", Kind.ALTER_DATABASE),
    (r"ALTER\s+TABLE", Kind.ALTER_TABLE),
    (r"ALTER\s+VIEW", Kind.ALTER_VIEW),
    (r"DROP\s+(?:DATABASE|SCHEMA)", Kind.DROP_DATABASE),
    (r"DROP\s+TABLE", Kind.DROP_TABLE),
    (r"DROP\s+VIEW", Kind.DROP_VIEW),
    (r"MSCK\s+REPAIR\s+TABLE", Kind.MSCK),
    (r"SHOW\s+COLUMNS", Kind.SHOW_COLUMNS),
    (r"SHOW\s+CREATE\s+TABLE", Kind.SHOW_CREATE_TABLE),
    (r"SHOW\s+CREATE\s+VIEW", Kind.SHOW_CREATE_VIEW),
    (r"SHOW\s+(?:DATABASES|SCHEMAS)", Kind.SHOW_DATABASES),
    (r"SHOW\s+PARTITIONS", Kind.SHOW_PARTITIONS),
    (r"SHOW\s+TABLES", Kind.SHOW_TABLES),
    (r"SHOW\s+TBLPROPERTIES", Kind.SHOW_TBLPROPERTIES),
    (r"SHOW\s+VIEWS", Kind.SHOW_VIEWS),
    (r"DESC(?:RIBE)?\s+VIEW", Kind.DESCRIBE_VIEW),
    (r"DESC(?:RIBE)?", Kind.DESCRIBE_TABLE),
)
_TREES = {
    Kind.SELECT, Kind.INSERT, Kind.DELETE, Kind.UPDATE, Kind.MERGE, Kind.CREATE_TABLE, Kind.CREATE_VIEW,
    Kind.DROP_DATABASE, Kind.DROP_TABLE, Kind.DROP_VIEW,
}  # fmt: skip
_UTILITY = {kind for kind in Kind if kind.startswith(("SHOW_", "DESCRIBE_", "EXPLAIN"))}
_KINDS = tuple(
    (re.compile(rf"\s*(?:{words})(?:(?<=\()|(?!\w))", re.IGNORECASE), kind) for words, kind in _FIRST_WORDS
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
    text = strip_comments(sql).rstrip().removesuffix(";").rstrip()
    if not text:
        raise invalid("Query string is empty")
    tokens = _tokens(text)
    kind = find_kind(text)
    if kind is None:
        first = tokens[0]
        raise build_mismatch_error(first.text, first.line, _column(first.col, first.text))
    if not kind.has_tree:
        return Statement(kind, text, None)
    _check_select_lists(tokens)
    trees = _trees(text)
    if len(trees) > 1:
        raise invalid(ONE_ONLY.format(sql))
    return Statement(_with_query(kind, trees[0]), text, trees[0])


def parse_query(text: str) -> exp.Query | exp.Values:
    """The tree of a query that is part of another text: a view's, or that of PREPARE, EXPLAIN and UNLOAD."""
    tree = parse(text).tree
    if not isinstance(tree, (exp.Query, exp.Values)):
        raise invalid("Only queries are allowed here")
    return tree


def strip_comments(sql: str) -> str:
    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found[0]) if found["comment"] else found[0]

    return _QUOTED_OR_COMMENT.sub(blank, sql)


def build_mismatch_error(text: str, line: int, column: int) -> AwsError:
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
        raise build_mismatch_error(found, line, _column(int(place.get("col") or 1), found)) from error


def _column(end: int, text: str) -> int:
    """The parser tells where a word ends, Trino where it begins."""
    return max(1, end - len(text) + 1)


def _check_select_lists(tokens: list[Token]) -> None:
    """The parser takes lists that are empty or end in a comma."""
    for before, after in pairwise(tokens):
        if before.text.upper() in {"SELECT", ","} and after.text.upper() == "FROM":
            raise build_mismatch_error(after.text, after.line, _column(after.col, after.text))


def find_kind(text: str) -> Kind | None:
    return next((kind for words, kind in _KINDS if words.match(text)), None)
