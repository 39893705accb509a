"""Which rows of a table a principal may see: row filter expressions, row-level security policies, and data cells filters.

Source: DG:rls-policies (the filter is applied when the principal queries, several attachments unite, what a policy needs is
looked at when the table is queried: a missing column gives no row). Whether rows of policies and of data cells filters
meet or unite, and whether a default counts beside a principal's own attachments, are switches. Assumed: what shows all
rows is narrowed by a policy either way; SELECT is needed besides; who created the table is narrowed too; a principal without an
attachment sees what it saw; an attachment to an account counts for the account's principals; a condition is kept
and counts for nothing here.

Source: DG:partiql-support (comparisons, BETWEEN, IN, LIKE, IS NULL; AND, OR, NOT). A comparison has a column
on its left and literals on its right. Anything else is refused, so that what is stored can be run as it is.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache

from mocklake.condition_parser import Reader, tokens
from mocklake.errors import AwsError
from mocklake.glue.store import Table
from mocklake.lakeformation import tag_policies
from mocklake.lakeformation.resources import Kind, Resource, filter_resource
from mocklake.lakeformation.selections import ALL_ROWS, NO_ROWS, Cells, Rows, intersect_cells, unite_cells
from mocklake.lakeformation.store import Book, DataCellsFilter, RLSAttachment, book_of
from mocklake.lakeformation.tag_policies import fits_tags, get_policy_body
from mocklake.world import World

NEVER: Rows = frozenset([frozenset(["(1 = 0)"])])
"""No row, as a condition in SQL."""
LONGEST = 2048
SIGNS = ("=", "<>", "!=", "<", "<=", ">", ">=")
KEYWORDS = frozenset(
    ["and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "date", "timestamp"]
)
NUMBERS = ("tinyint", "smallint", "int", "integer", "bigint", "float", "double", "real", "decimal")
TEXTS = ("string", "varchar", "char")


def find_default(book: Book, table: Resource) -> RLSAttachment | None:
    """A table has one at most."""
    return next(
        (
            rls_attachment
            for rls_attachment in book.rls_attachments
            if rls_attachment.is_default and rls_attachment.resource == table
        ),
        None,
    )


def apply_policies(
    world: World, granted: Cells, names: Iterable[str], *, on: Resource, table: Table, region: str
) -> Cells:
    """`granted` cells of the table as its policies leave them to whoever is called one of `names`."""
    book = book_of(world, on.catalog_id, region)
    applying = _find_applying(world, book, frozenset(names), on)
    if not applying:
        return granted
    policies = {rls_policy.name: rls_policy.expression for rls_policy in book.rls_policies}
    types = _list_column_types(table)
    rows: Rows = unite_cells([{"": _read_rows(policies[one.policy], types)} for one in applying])[""] or NEVER
    return {column: _combine(world, shown, rows) for column, shown in granted.items()}


def _combine(world: World, shown: Rows, by_policies: Rows) -> Rows:
    if shown == ALL_ROWS:
        return by_policies
    if world.switches.rls_policies_with_filters == "intersection":
        return intersect_cells({"": shown}, {"": by_policies})[""]
    return unite_cells([{"": shown}, {"": by_policies}])[""]


def _find_applying(
    world: World, book: Book, names: frozenset[str], resource: Resource
) -> list[RLSAttachment]:
    tags = tag_policies.get_table_tags(book, resource.tagged_database, resource.table)
    here = [
        rls_attachment
        for rls_attachment in book.rls_attachments
        if not rls_attachment.condition and _is_on(book, rls_attachment, resource, tags)
    ]
    own = [one for one in here if not one.is_default and one.principal in names]
    if own and not world.switches.default_rls_policy_beside_others:
        return own
    return own + [one for one in here if one.is_default]


def _is_on(book: Book, one: RLSAttachment, table: Resource, tags: Mapping[str, str]) -> bool:
    if one.resource.kind is Kind.TABLE:
        return one.resource == table
    return one.resource.owner == table.owner and fits_tags(get_policy_body(book, one.resource), tags)


def _read_rows(expression: str, types: Mapping[str, str]) -> Rows:
    try:
        return frozenset([frozenset([write_expression_sql(expression, types)])])
    except AwsError:
        return NO_ROWS


def _list_column_types(table: Table) -> dict[str, str]:
    described = table.body.get("StorageDescriptor", {}).get("Columns", [])
    listed = [*described, *table.body.get("PartitionKeys", [])]
    return {one["Name"].lower(): one.get("Type", "string") for one in listed}


def write_expression_sql(expression: str, types: Mapping[str, str]) -> str:
    """The same condition in SQL; `types` are the table's columns, partition keys among them.

    InvalidInputException for anything that is no condition on these columns.
    """
    if len(expression) > LONGEST:
        raise _build_expression_error(f"it has more than {LONGEST} characters")
    return _Reader(
        tokens(expression, KEYWORDS, _build_expression_error), types, _build_expression_error
    ).whole()


@cache
def list_expression_columns(expression: str) -> frozenset[str]:
    """The columns that a condition names, in lower case."""
    read = tokens(expression, KEYWORDS, _build_expression_error)
    return frozenset(text.strip('"').lower() for kind, text in read if kind in ("word", "quoted"))


def _build_expression_error(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Invalid row filter expression: {reason}.")


class _Reader(Reader[str]):
    """Writes SQL."""

    def either(self, parts: list[str]) -> str:
        return _join_parts(parts, " OR ")

    def every(self, parts: list[str]) -> str:
        return _join_parts(parts, " AND ")

    def opposite(self, part: str) -> str:
        return f"(NOT {part})"

    def condition(self) -> str:
        name = self._column()
        kind = self.types[name].lower().partition("(")[0].strip()
        column = '"' + name + '"'
        if self.take("keyword", "is"):
            absent = "NOT NULL" if self.take("keyword", "not") else "NULL"
            self.expect("keyword", "null")
            return f"({column} IS {absent})"
        if self.rest and self.rest[0] in {("sign", sign) for sign in SIGNS}:
            sign = self.rest.pop(0)[1]
            return f"({column} {sign.replace('!=', '<>')} {self._literal(kind)})"
        word = "NOT " if self.take("keyword", "not") else ""
        return f"({column} {word}{self._range(kind)})"

    def _range(self, kind: str) -> str:
        if self.take("keyword", "between"):
            low = self._literal(kind)
            self.expect("keyword", "and")
            return f"BETWEEN {low} AND {self._literal(kind)}"
        if self.take("keyword", "like"):
            if kind not in TEXTS:
                raise _build_expression_error("LIKE needs a text column")
            return f"LIKE {self._literal(kind)}"
        self.expect("keyword", "in")
        self.expect("sign", "(")
        values = [self._literal(kind)]
        while self.take("sign", ","):
            values.append(self._literal(kind))
        self.expect("sign", ")")
        return f"IN ({', '.join(values)})"

    def _column(self) -> str:
        kind, text = self.next()
        name = text.strip('"').lower()
        if kind not in ("word", "quoted") or text.startswith("`"):
            raise _build_expression_error(f"{text} is no column")
        if name not in self.types:
            raise _build_expression_error(f"there is no column {name}")
        return name

    def _literal(self, kind: str) -> str:
        """A value of the column's kind: dates and times are texts, with or without the word before."""
        worded = kind in ("date", "timestamp") and self.take("keyword", kind)
        found, text = self.next()
        if found == "text" and kind in ("date", "timestamp"):
            return f"{kind.upper()} {_check_moment(kind, text)}"
        fits = (
            (found == "text" and kind in TEXTS)
            or (found == "number" and kind in NUMBERS)
            or (found == "keyword" and text in ("true", "false") and kind == "boolean")
        )
        if worded or not fits:
            raise _build_expression_error(f"{text} is no value of type {kind}")
        return text


def _join_parts(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})"


def _check_moment(kind: str, text: str) -> str:
    try:
        (date if kind == "date" else datetime).fromisoformat(text.strip("'"))
    except ValueError as error:
        raise _build_expression_error(f"{text} is no {kind}") from error
    return text


def list_filters_on(world: World, account: str, region: str, table: Resource) -> list[Resource]:
    """Every filter on a table that can matter to an account, as what it is granted by."""
    names = {
        name for book in _list_books(world, account, region, table) for name in book.filters.get(table, {})
    }
    place = (table.catalog_id, table.database, table.table)
    return [filter_resource(*place, name) for name in sorted(names)]


def find_filter(world: World, account: str, region: str, resource: Resource) -> DataCellsFilter | None:
    """The owner's filter goes before the account's own of the same name."""
    table = resource.whole_table
    found = (
        book.filters.get(table, {}).get(resource.filter)
        for book in _list_books(world, account, region, table)
    )
    return next((one for one in found if one is not None), None)


def _list_books(world: World, account: str, region: str, table: Resource) -> list[Book]:
    accounts = dict.fromkeys((table.owner, account))
    return [book_of(world, one, region) for one in accounts]
