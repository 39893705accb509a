"""What people write about a data product, checked field by field. Each RefusedError names the form's field."""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, make_dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlglot
from django.utils.translation import gettext as _
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from catalog.mirror.models import Column
from catalog.products.fields import (
    BY_NAME,
    LIST_KINDS,
    MAX_HOURS,
    MAX_KEYWORD_LENGTH,
    MAX_KEYWORDS,
    MAX_LENGTHS,
    MAX_PERCENT,
    PERCENT_DIGITS,
    PRODUCT_FIELDS,
    VALUE_FIELDS,
    FieldKind,
)
from catalog.products.links import Links, check_links
from catalog.products.models import DataProduct, Domain, ProductInput, ProductTable, SharingTerms
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import list_possible_owners
from catalog.revisions.versions import check_tables
from kernel.errors import RefusedError
from kernel.text import check_length, check_storable
from lakeformation.values.canonical_json import digest

DIALECT = "athena"

Schema = Mapping[tuple[str, str], Sequence[str]]
"""Column names by database and table, all in lower case."""


class Language(StrEnum):
    SQL = "sql"
    PYTHON = "python"


class NamedTable(NamedTuple):
    """As an example names it, in lower case; without a database, `database` is empty."""

    database: str
    name: str


class ReadNames(NamedTuple):
    """What an example reads: `columns` by their names alone, in lower case."""

    tables: frozenset[NamedTable]
    columns: frozenset[str]


EXAMPLE_FIELDS = {Language.SQL: "sql_example", Language.PYTHON: "python_example"}


def read_schema(tables: Collection[int]) -> Schema:
    """The schema of the tables with these ids. One query."""
    rows = Column.objects.filter(table__in=tables).order_by("table", "position")
    schema: dict[tuple[str, str], list[str]] = {}
    for database, table, column in rows.values_list("table__database__name", "table__name", "name"):
        schema.setdefault((database.lower(), table.lower()), []).append(column.lower())
    return schema


def check_examples(texts: Mapping[str, str], tables: Collection[int]) -> None:
    """RefusedError at the field of the first example that cannot be parsed, or that names a table or a column which these
    tables do not have.
    """
    written = {language: texts[field] for language, field in EXAMPLE_FIELDS.items() if texts[field]}
    schema = read_schema(tables) if written else {}
    for language, code in written.items():
        if problem := find_problem(language, code, schema):
            raise RefusedError(problem, EXAMPLE_FIELDS[language])


def find_problem(language: Language, code: str, schema: Schema) -> str:
    """What does not fit, in one sentence, or empty. A schema changes after an example was saved, so pages ask again."""
    if language == Language.SQL:
        return _find_sql_problem(code, schema)
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _("This is not valid Python.")
    problems = (_find_sql_problem(text, schema) for text in _list_queries(tree))
    return next(filter(None, problems), "")


def find_read_names(language: Language, code: str) -> ReadNames:
    """The names in what can be parsed."""
    tables: set[NamedTable] = set()
    columns: set[str] = set()
    for query in _parse_queries(language, code):
        own = {one.alias_or_name.lower() for one in query.find_all(exp.CTE)}
        named = (NamedTable(one.db.lower(), one.name.lower()) for one in query.find_all(exp.Table))
        tables.update(one for one in named if one.database or one.name not in own)
        columns.update(one.name.lower() for one in query.find_all(exp.Column))
    return ReadNames(frozenset(tables), frozenset(columns))


def _parse_queries(language: Language, code: str) -> Iterator[exp.Expression]:
    try:
        texts = [code] if language == Language.SQL else list(_list_queries(ast.parse(code)))
        for text in texts:
            yield from filter(None, sqlglot.parse(text, read=DIALECT))
    except (SqlglotError, SyntaxError, ValueError, RecursionError, MemoryError):
        return


def _list_queries(tree: ast.AST) -> Iterator[str]:
    """Text literals that begin like a query."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            first = node.value.split(maxsplit=1)[:1]
            if first and first[0].lower() in ("select", "with"):
                yield node.value


def _find_sql_problem(code: str, schema: Schema) -> str:
    try:
        statements = sqlglot.parse(code, read=DIALECT)
    except (SqlglotError, RecursionError):
        return _("This is not valid SQL for Athena.")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return _("Write one SELECT statement.")
    return _find_unknown_table(statements[0], schema) or _find_unknown_column(statements[0], schema)


def _find_unknown_table(query: exp.Query, schema: Schema) -> str:
    """Also completes table names without a database."""
    known_names = {one.alias_or_name.lower() for one in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        database, name = table.db.lower(), table.name.lower()
        if not database and name in known_names:
            continue
        matches = [key for key in schema if key[1] == name and database in ("", key[0])]
        if not matches:
            shown = f"{table.db}.{table.name}" if table.db else table.name
            return _("The product has no table %(name)s.") % {"name": shown}
        table.set("db", exp.to_identifier(matches[0][0]))
        table.set("catalog", None)
    return ""


def _find_unknown_column(query: exp.Query, schema: Schema) -> str:
    databases: dict[str, Any] = {}
    for (database, table), columns in schema.items():
        databases.setdefault(database, {})[table] = dict.fromkeys(columns, "varchar")
    try:
        qualify(query.copy(), schema=databases, dialect=DIALECT)
    except OptimizeError as error:
        # The first sentence of the library's message, without its mark of the place.
        return _("A column is not in the product's tables: %(error)s") % {
            "error": str(error).split("\n", 1)[0].split(". Line", 1)[0][:200]
        }
    except (SqlglotError, RecursionError):
        return _("This is not valid SQL for Athena.")
    return ""


MAX_INPUTS = 100
COLUMNS = tuple(one.name for one in VALUE_FIELDS)
"""Members that are columns of the product's row."""

if TYPE_CHECKING:
    _Fields = Any
else:
    _Fields = make_dataclass("_Fields", [(one.name, Any) for one in PRODUCT_FIELDS], frozen=True)


@dataclass(frozen=True)
class ProductContent(_Fields):  # type: ignore[misc]
    """A member for each of `PRODUCT_FIELDS`. `owner` is a person's id; `tables` are ids in the order of the product's page,
    `inputs` those of the products from which it is made. A service level that is None is not promised.
    """

    keywords: tuple[str, ...]
    owner: int
    links: Links
    inputs: tuple[int, ...]
    tables: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Percentages as text, such as 99.5."""
        return {field: _to_json(BY_NAME[field].kind, value) for field, value in asdict(self).items()}


@dataclass(frozen=True)
class FieldChange:
    """`before` and `after` are as `to_json` has them."""

    field: str
    before: Any
    after: Any


def read_content(product: DataProduct) -> ProductContent:
    """Two queries."""
    return read_contents([product])[product.pk]


def read_contents(products: Iterable[DataProduct]) -> dict[int, ProductContent]:
    """By the product's id. Two queries however many."""
    rows = list(products)
    inputs: dict[int, list[int]] = defaultdict(list)
    tables: dict[int, list[int]] = defaultdict(list)
    for pk, made_from in (
        ProductInput.objects.filter(product__in=rows).order_by("input").values_list("product_id", "input_id")
    ):
        inputs[pk].append(made_from)
    for pk, table in (
        ProductTable.objects.filter(product__in=rows)
        .order_by("position", "pk")
        .values_list("product_id", "table_id")
    ):
        tables[pk].append(table)
    return {
        product.pk: ProductContent(
            **{
                **{field: getattr(product, field) for field in COLUMNS},
                "keywords": tuple(product.keywords),
            },
            owner=product.owner_id,
            inputs=tuple(inputs[product.pk]),
            tables=tuple(tables[product.pk]),
        )
        for product in rows
    }


def set_content(product: DataProduct, content: ProductContent) -> None:
    """On the row, which is not saved. Tables and inputs are rows of their own."""
    for field in COLUMNS:
        setattr(product, field, getattr(content, field))
    product.keywords, product.owner_id = list(content.keywords), content.owner


def parse_content(said: Mapping[str, Any], known: ProductContent) -> ProductContent:
    """The content of a draft, as `to_json` has it. What it does not mention stays as in `known`, the product's own."""
    return replace(known, **{name: _from_json(BY_NAME[name].kind, value) for name, value in said.items()})


def _from_json(kind: FieldKind, value: Any) -> Any:
    if kind in LIST_KINDS:
        return tuple(value)
    return Decimal(value) if kind == FieldKind.PERCENT and value is not None else value


def _to_json(kind: FieldKind, value: Any) -> Any:
    if kind in LIST_KINDS:
        return list(value)
    return f"{value.normalize():f}" if kind == FieldKind.PERCENT and value is not None else value


def compute_state_digest(product: DataProduct, draft: ProductRevision | None) -> str:
    """What a form or a preview was made from: the product's own content and its draft. It changes with both."""
    shown = [read_content(product).to_json(), [draft.number, draft.edit] if draft else None]
    return digest(shown)


def compare_content(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Both as JSON; the fields that differ, in the order of the form."""
    return tuple(
        FieldChange(field, before.get(field), value)
        for field, value in after.items()
        if before.get(field) != value
    )


def check_content(content: ProductContent, product: DataProduct) -> ProductContent:
    """The content with its texts stripped and what is listed once each. RefusedError at the first invalid field."""
    texts: dict[str, Any] = check_texts({field: getattr(content, field) for field in MAX_LENGTHS})
    if content.owner != product.owner_id:
        check_owner(content.owner, product.domain)
    for one in VALUE_FIELDS:
        _check_value(one.kind, getattr(content, one.name), one.name)
    tables = check_tables(content.tables, product)
    check_examples(texts, tables)
    found = tuple(dict.fromkeys(word.strip() for word in content.keywords if word.strip()))
    if len(found) > MAX_KEYWORDS or any(len(word) > MAX_KEYWORD_LENGTH for word in found):
        words = {"most": MAX_KEYWORDS, "length": MAX_KEYWORD_LENGTH}
        raise RefusedError(
            _("Use at most %(most)s keywords of at most %(length)s characters.") % words, "keywords"
        )
    check_storable("".join(found), "keywords")
    return replace(
        content,
        **texts,
        keywords=found,
        links=check_links(content.links),
        inputs=_check_inputs(content.inputs, product),
        tables=tables,
    )


def _check_value(kind: FieldKind, value: Any, field: str) -> None:
    """Check a duration, a percentage or a choice."""
    if kind == FieldKind.HOURS and value is not None and not 1 <= value <= MAX_HOURS:
        raise RefusedError(_("Enter a number of hours from 1 to %(most)s.") % {"most": MAX_HOURS}, field)
    is_percent = kind == FieldKind.PERCENT and value is not None
    if is_percent and (not 0 < value <= MAX_PERCENT or round(value, PERCENT_DIGITS) != value):
        text = _("Enter a percentage above 0 and up to 100, with at most %(digits)s decimals.")
        raise RefusedError(text % {"digits": PERCENT_DIGITS}, field)
    if kind == FieldKind.SHARING_TERMS and value not in SharingTerms.values:
        raise RefusedError(_("Choose from the list."), field)


def _check_inputs(inputs: tuple[int, ...], product: DataProduct) -> tuple[int, ...]:
    wanted = tuple(sorted(set(inputs)))
    if product.pk in wanted:
        raise RefusedError(_("A product can't be made from itself."), "inputs")
    if len(wanted) > MAX_INPUTS:
        raise RefusedError(_("Choose at most %(most)s products.") % {"most": MAX_INPUTS}, "inputs")
    if DataProduct.objects.filter(pk__in=wanted).count() != len(wanted):
        raise RefusedError(_("One of these products no longer exists."), "inputs")
    return wanted


def check_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of some fields, stripped. RefusedError at the first invalid one."""
    stripped = {field: text.strip() for field, text in texts.items()}
    for field, text in stripped.items():
        check_length(text, field, MAX_LENGTHS[field])
        check_storable(text, field)
    for field, text in stripped.items():
        if not text and (problem := BY_NAME[field].required):
            raise RefusedError(str(problem), field)
    return stripped


def check_owner(owner: int, domain: Domain) -> None:
    """RefusedError unless it is the id of somebody whom `list_possible_owners` has."""
    if not list_possible_owners(domain).filter(pk=owner).exists():
        raise RefusedError(_("Choose a data owner of the domain's team."), "owner")
