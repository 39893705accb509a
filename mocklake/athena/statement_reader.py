"""Reads statements: token by token where sqlglot has no tree for them, and names, values and types in its trees."""

import re
from dataclasses import dataclass
from typing import Any, Self

from sqlglot import exp

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.session import Session
from mocklake.athena.sql_text import CATALOG, TableName

_TOKEN = re.compile(
    r"""'(?P<text>(?:[^'\\]|''|\\.)*)'|"(?P<double>(?:[^"]|"")*)"|`(?P<back>(?:[^`]|``)*)`|(?P<word>[\w$]+)|(?P<sign>\S)""",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_ESCAPE = re.compile(r"''|\\u(?P<code>[0-9A-Fa-f]{4})|\\(?P<octal>[0-3][0-7]{2})|\\(?P<sign>.)", re.DOTALL)
_NAMES = {
    "TEXT": "string", "VARCHAR": "varchar", "CHAR": "char", "INT": "int", "BIGINT": "bigint", "SMALLINT": "smallint",
    "TINYINT": "tinyint", "BOOLEAN": "boolean", "DOUBLE": "double", "FLOAT": "float", "DECIMAL": "decimal",
    "DATE": "date", "TIMESTAMP": "timestamp", "TIMESTAMPTZ": "timestamp", "BINARY": "binary", "VARBINARY": "binary",
}  # fmt: skip


@dataclass(frozen=True)
class _Token:
    """`kind` is text, double, back, word or sign."""

    kind: str
    text: str
    start: int


def _tokens(sql: str) -> list[_Token]:
    return [_token(found) for found in _TOKEN.finditer(sql)]


def _token(found: re.Match[str]) -> _Token:
    kind = str(found.lastgroup)
    text = found[kind]
    match kind:
        case "text":
            text = _ESCAPE.sub(_unescaped, text)
        case "double":
            text = text.replace('""', '"')
        case "back":
            text = text.replace("``", "`")
    return _Token(kind, text, found.start())


def _unescaped(found: re.Match[str]) -> str:
    if found["code"] or found["octal"]:
        return chr(int(found["code"], 16) if found["code"] else int(found["octal"], 8))
    sign = found["sign"]
    return _ESCAPES.get(sign, sign) if sign else "'"


class StatementReader:
    """Names come in lower case, as Glue stores them. Raises QueryFailedError for what does not fit."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def accept(self, *words: str) -> bool:
        """Takes the words if they all come next."""
        next_ones = self._tokens[self._at : self._at + len(words)]
        coming = [
            next_one.text.upper() if next_one.kind in ("word", "sign") else "" for next_one in next_ones
        ]
        if coming != list(words):
            return False
        self._at += len(words)
        return True

    def expect(self, *words: str) -> Self:
        if not self.accept(*words):
            raise self.unexpected()
        return self

    def choice(self, *words: str) -> str:
        for word in words:
            if self.accept(word):
                return word
        raise self.unexpected()

    def name(self) -> str:
        token = self._next()
        if token.kind in ("text", "sign") or not token.text.strip():
            raise self.unexpected(back=1)
        return token.text.lower()

    def path(self) -> list[str]:
        found = [self.name()]
        while self.accept("."):
            found.append(self.name())
        return found

    def table(self, database: str, catalog: str = CATALOG) -> TableName:
        parts = self.path()
        named = [catalog, database][: 3 - len(parts)] + parts
        if len(named) > len(("catalog", "database", "table")) or not named[1]:
            raise QueryFailedError("FAILED: SemanticException no database is named")
        return TableName(named[1].lower(), named[2], named[0].lower())

    def text(self) -> str:
        token = self._next()
        if token.kind != "text":
            raise self.unexpected(back=1)
        return token.text

    def value(self) -> str:
        """A text, a number or a word, as it stands."""
        sign = "-" if self.accept("-") else ""
        return sign + self._next().text

    def pairs(self) -> dict[str, str]:
        """`('a' = 'b', …)`, the keys as texts or names."""
        self.expect("(")
        found: dict[str, str] = {}
        while True:
            key = self._next().text
            self.expect("=")
            found[key] = self.value()
            if not self.accept(","):
                self.expect(")")
                return found

    def rest(self) -> str:
        """The text from here to the end, as it was written."""
        if self.is_at_end:
            return ""
        start = self._tokens[self._at].start
        self._at = len(self._tokens)
        return self._text[start:].strip()

    def parenthesised(self) -> str:
        """The text within parentheses that open here, as it was written."""
        self.expect("(")
        begin, depth = self._at, 1
        while depth:
            sign = self._next()
            if sign.kind == "sign":
                depth += {"(": 1, ")": -1}.get(sign.text, 0)
        start, end = self._tokens[begin].start, self._tokens[self._at - 1].start
        return self._text[start:end].strip()

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def end(self) -> None:
        if not self.is_at_end:
            raise self.unexpected()

    def unexpected(self, back: int = 0) -> QueryFailedError:
        place = self._at - back
        if place >= len(self._tokens):
            return QueryFailedError("FAILED: ParseException line 1:0 mismatched input '<EOF>'")
        token = self._tokens[place]
        before = self._text[: token.start]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
        return QueryFailedError(
            f"FAILED: ParseException line {line}:{column} mismatched input '{token.text}'"
        )

    def _next(self) -> _Token:
        if self.is_at_end:
            raise self.unexpected()
        self._at += 1
        return self._tokens[self._at - 1]


def read_table_name(session: Session, tree: exp.Expr) -> TableName:
    """Reads the name of a table, or of one with a list of columns; in lower case as Glue stores names."""
    table = tree if isinstance(tree, exp.Table) else tree.find(exp.Table)
    if table is None or not table.name:
        raise QueryFailedError("FAILED: ParseException line 1:0 no table is named")
    database = (table.db or session.database).lower()
    if not database:
        raise QueryFailedError("FAILED: SemanticException no database is named")
    return TableName(database, table.name.lower(), (table.catalog or session.catalog).lower())


def list_properties(tree: exp.Expr) -> list[exp.Expr]:
    found = tree.args.get("properties")
    return list(found.expressions) if found is not None else []


def read_plain_value(value: exp.Expr | str | None) -> str | list[str]:
    """A literal as text, an array of literals as texts."""
    match value:
        case exp.Array():
            return [str(read_plain_value(expression)) for expression in value.expressions]
        case exp.Boolean():
            return "true" if value.this else "false"
        case exp.Expr():
            return str(value.name or value.this)
    return str(value or "")


def read_key_values(tree: exp.Expr) -> dict[str, str]:
    """What TBLPROPERTIES says."""
    return {
        one.name: str(read_plain_value(one.args.get("value")))
        for one in list_properties(tree)
        if type(one) is exp.Property
    }


def read_columns(tree: exp.Expr | None) -> list[dict[str, Any]]:
    """Glue's columns of a list of definitions."""
    definitions = tree.expressions if tree is not None else []
    return [_column(definition) for definition in definitions if isinstance(definition, exp.ColumnDef)]


def read_hive_type(kind: exp.Expr | None) -> str:
    """As Glue keeps it: lower case and without blanks."""
    if not isinstance(kind, exp.DataType):
        raise QueryFailedError("FAILED: ParseException line 1:0 a column has no type")
    inner = kind.expressions
    match kind.this.value:
        case "ARRAY":
            return f"array<{read_hive_type(inner[0])}>"
        case "MAP":
            return f"map<{read_hive_type(inner[0])},{read_hive_type(inner[1])}>"
        case "STRUCT":
            members = (f"{one.name.lower()}:{read_hive_type(one.args.get('kind'))}" for one in inner)
            return f"struct<{','.join(members)}>"
    name = _NAMES.get(kind.this.value)
    if name is None:
        raise QueryFailedError(f"FAILED: SemanticException unknown column type {kind.sql()}")
    return f"{name}({','.join(one.name for one in inner)})" if inner else name


def _column(definition: exp.ColumnDef) -> dict[str, Any]:
    column = {"Name": definition.name.lower(), "Type": read_hive_type(definition.args.get("kind"))}
    for constraint in definition.args.get("constraints") or ():
        if isinstance(constraint.args.get("kind"), exp.CommentColumnConstraint):
            column["Comment"] = constraint.args["kind"].name
    return column
