"""What the oracle reads in row filters, policies and view texts: its own reading, apart from the request path's.

SQL's three values: a comparison with NULL is neither true nor false, and such a row does not pass.

Several that apply to a principal unite. By a column that the table has not, or a value that does not fit, one passes no row.

AWS Glue Developer Guide, cross-account-access: the catalog, the database and the table must be allowed, each by its
ARN. A statement with a condition or a negated element allows nothing here.

A Data Catalog view reads as its definer, an Athena view as whoever asks (DG:working-with-views). What a text needs
of a table is every column whose name stands in it as a word; all of them where it has a `*` that is no `count(*)`.
"""

import json
import operator
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from mocklake import partitions
from mocklake.world import World

Row = Mapping[str, Any]
_WORDS = re.compile(r"'(?:[^']|'')*'|\"[^\"]+\"|<=|>=|<>|!=|[=<>(),]|[+-]?\d+(?:\.\d+)?|\w+")
_KEYWORDS = {
    "and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "date", "timestamp",
}  # fmt: skip
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
ACTION = "glue:gettable"
_TABLE = re.compile(
    r"\b(?:from|join)\s+((?:\"[^\"]+\"|\w+)(?:\s*\.\s*(?:\"[^\"]+\"|\w+)){0,2})", re.IGNORECASE
)
_STAR = re.compile(r"count\s*\(\s*\*\s*\)", re.IGNORECASE)
_PRESTO = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
MAX_VIEW_DEPTH = 10
_WORD = re.compile(r"\w+")


def passes_filter(expression: str | None, row: Row) -> bool:
    """No expression means every row; `row` has values by lower-case column name."""
    if expression is None:
        return True
    words = [word if word[0] in "'\"" else word.lower() for word in _WORDS.findall(expression)]
    return _or(words, row) is True


def list_named_columns(expression: str | None) -> set[str]:
    """The columns that it compares, in lower case."""
    words = [word for word in _WORDS.findall(expression or "") if word[0] != "'"]
    plain = {
        word.strip('"').lower() for word in words if word[0] == '"' or word[0].isalpha() or word[0] == "_"
    }
    return plain - _KEYWORDS


def _or(words: list[str], row: Row) -> bool | None:
    values = [_and(words, row)]
    while words[:1] == ["or"]:
        words.pop(0)
        values.append(_and(words, row))
    return True if True in values else (None if None in values else False)


def _and(words: list[str], row: Row) -> bool | None:
    values = [_not(words, row)]
    while words[:1] == ["and"]:
        words.pop(0)
        values.append(_not(words, row))
    return False if False in values else (None if None in values else True)


def _not(words: list[str], row: Row) -> bool | None:
    if words[0] == "not":
        words.pop(0)
        return _opposite(_not(words, row))
    if words[0] == "(":
        words.pop(0)
        value = _or(words, row)
        words.pop(0)
        return value
    return _test(words, row)


def _opposite(value: Any) -> bool | None:
    return None if value is None else not value


def _test(words: list[str], row: Row) -> bool | None:
    value = row.get(words.pop(0).strip('"').lower())
    word = words.pop(0)
    if word in _COMPARE:
        return _compared(_COMPARE[word], value, _literal(words, value))
    if word == "is":
        wanted = words.pop(0) == "null"
        if not wanted:
            words.pop(0)
        return (value is None) == wanted
    if word == "not":
        return _opposite(_range(words.pop(0), words, value))
    return _range(word, words, value)


def _compared(how: Callable[[Any, Any], bool], value: Any, other: Any) -> bool | None:
    return None if value is None else how(value, other)


def _range(word: str, words: list[str], value: Any) -> bool | None:
    if word == "between":
        low = _literal(words, value)
        words.pop(0)
        high = _literal(words, value)
        return None if value is None else bool(low <= value <= high)
    if word == "like":
        pattern = str(_literal(words, value))
        parts = {"%": ".*", "_": "."}
        shape = "".join(parts.get(letter, re.escape(letter)) for letter in pattern)
        return None if value is None else re.fullmatch(shape, value, re.DOTALL) is not None
    words.pop(0)
    listed = [_literal(words, value)]
    while words.pop(0) == ",":
        listed.append(_literal(words, value))
    return None if value is None else value in listed


def _literal(words: list[str], value: Any) -> Any:
    """Read as the kind of thing that the row's value is."""
    word = words.pop(0)
    if word in ("date", "timestamp"):
        word = words.pop(0)
    if not word.startswith("'"):
        return word == "true" if word in ("true", "false") else Decimal(word)
    text = word[1:-1].replace("''", "'")
    if isinstance(value, datetime):
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if isinstance(value, date) else text


def find_applying(world: World, place: Any, account: str, names: Sequence[str]) -> list[Any]:
    """Policies of the owner that are attached to the table for the principal, or its default."""
    book = world.stores["lakeformation"].books.get((place.owner, place.region))
    called = {*names} | ({account} - {place.owner})
    mine, default = [], []
    for rls_attachment in book.rls_attachments if book else ():
        if rls_attachment.condition or not _is_on(book, rls_attachment.resource, place):
            continue
        if rls_attachment.is_default:
            default.append(rls_attachment.policy)
        elif rls_attachment.principal in called:
            mine.append(rls_attachment.policy)
    counts_too = world.switches.default_rls_policy_beside_others or not mine
    wanted = {*mine, *(default if counts_too else ())}
    return [rls_policy for rls_policy in book.rls_policies if rls_policy.name in wanted] if book else []


def passes_policy(policy: Any, columns: set[str], row: Mapping[str, Any] | None) -> bool:
    """Whether the row passes; for None, whether some row can."""
    if not list_named_columns(policy.expression) <= columns:
        return False
    try:
        return row is None or passes_filter(policy.expression, row)
    except (TypeError, ValueError):
        return False


def _is_on(book: Any, resource: Any, place: Any) -> bool:
    if resource.kind.value == "TABLE":
        there = (resource.catalog_id, resource.database, resource.table)
        return there == (place.catalog, place.database, place.table)
    tags: dict[str, str] = {}
    for carrier in ("", place.table):
        tags.update(book.tagged.get((place.tagged_database, carrier, ""), {}))
    named = book.expressions.get(resource.expression_name)
    wanted = named.body if named else resource.expression
    return bool(wanted) and all(key in tags and ("*" in some or tags[key] in some) for key, some in wanted)


def opens(world: World, account: str, region: str, arns: tuple[str, ...], principal: str) -> bool:
    """`arns` are all that the call touches; a policy opens nothing to principals of another partition."""
    if partitions.of_arn(principal) != partitions.of_region(region):
        return False
    kept = world.stores.get("glue.policies")
    policy = kept.by_place.get((account, region)) if kept else None
    rules = json.loads(policy.text)["Statement"] if policy else []
    rules = rules if isinstance(rules, list) else [rules]
    found = [rule for rule in rules if _means(rule, principal)]
    return all(_decide(found, arn) for arn in arns)


def _decide(rules: list[dict[str, Any]], arn: str) -> bool:
    fitting = [rule for rule in rules if any(_fits(arn, one) for one in _list_values(rule.get("Resource")))]
    denied = any(rule["Effect"] == "Deny" for rule in fitting)
    return bool(fitting) and not denied


def _means(rule: dict[str, Any], principal: str) -> bool:
    """Also for this action; what a statement with a condition says is left out."""
    if "Condition" in rule or not any(_fits(ACTION, one.lower()) for one in _list_values(rule.get("Action"))):
        return False
    who = rule.get("Principal")
    named = {"*"} if who == "*" else set(_list_values(who.get("AWS")) if isinstance(who, dict) else ())
    account = principal.split(":")[4]
    return bool(named & {"*", principal, account, f"arn:{partitions.of_arn(principal)}:iam::{account}:root"})


def _fits(value: str, pattern: str) -> bool:
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _list_values(value: Any) -> Iterator[str]:
    yield from value if isinstance(value, list) else [] if value is None else [value]


@dataclass(frozen=True)
class View:
    """`definer` is None where the asker's own rights count; `text` is None when Athena has none to run."""

    text: str | None
    definer: str | None
    database: str

    def tables(self) -> Iterator[tuple[str, str]]:
        """(database, table), in lower case."""
        for found in _TABLE.findall(self.text or ""):
            names = [part.strip().strip('"').lower() for part in found.split(".")]
            yield (names[-2] if len(names) > 1 else self.database), names[-1]

    def needed(self, columns: list[str]) -> list[str]:
        text = _STAR.sub("", self.text or "")
        words = {word.lower() for word in _WORD.findall(text)}
        return columns if "*" in text else [column for column in columns if column in words]


def read_view(table: Any, database: str) -> View | None:
    """None for what is no view."""
    if "ViewDefinition" in table.body:
        view = table.body["ViewDefinition"]
        live = [
            representation for representation in view["Representations"] if not representation.get("IsStale")
        ]
        texts = [one.get("ViewOriginalText") for one in live if one["Dialect"] == "ATHENA"]
        return View(texts[0] if texts else None, view["Definer"], database)
    match = _PRESTO.fullmatch(table.body.get("ViewOriginalText", "").strip())
    if table.body.get("TableType") != "VIRTUAL_VIEW" or match is None:
        return None
    kept = json.loads(b64decode(match[1]))
    return View(kept["originalSql"], None, str(kept.get("schema") or database).lower())
