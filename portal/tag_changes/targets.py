"""What a person can choose to tag: a table or the tables of a product, their columns and their databases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.browse.products import get_product
from catalog.browse.tables import get_table
from catalog.mirror.models import Column, Table
from identity.accounts.models import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import NotFoundError
from lakeformation.tagging.assignments import TagTarget

MAX_ID_DIGITS = 18


@dataclass(frozen=True)
class TargetChoice:
    """`code` names it in the form; `value` is what it carries of the key now."""

    code: str
    target: TagTarget
    value: str

    @property
    def label(self) -> str:
        return self.target.column or self.target.table or self.target.database


@dataclass(frozen=True)
class TableTargets:
    """A table with its database and columns."""

    table: Table
    database: TargetChoice
    whole: TargetChoice
    columns: tuple[TargetChoice, ...]


def find_tables(person: Person, *, table: str, product: str) -> list[Table]:
    """Live tables of one catalog. NotFoundError."""
    if product:
        tables = get_product(person, product).tables.filter(tombstoned_at=None)
        rows = list(
            tables.select_related("database__catalog__account").order_by("database__name", "name", "pk")
        )
        return [one for one in rows if one.database.catalog_id == rows[0].database.catalog_id]
    found = get_table(person, int(table)) if table.isdecimal() and len(table) <= MAX_ID_DIGITS else None
    if found is None or found.tombstoned_at is not None:
        raise NotFoundError
    return [found]


def get_catalog(tables: Sequence[Table]) -> ConnectedCatalog:
    """NotFoundError where there is no table."""
    if not tables:
        raise NotFoundError
    return tables[0].database.catalog


def build_table_targets(tables: Sequence[Table], key: str) -> list[TableTargets]:
    """A database is offered with its first table alone: two choices of one name would say the same."""
    columns: dict[int, list[Column]] = {one.pk: [] for one in tables}
    for column in Column.objects.filter(table__in=tables).order_by("position"):
        columns[column.table_id].append(column)
    return [_build(one, columns[one.pk], key) for one in tables]


def _build(table: Table, columns: Sequence[Column], key: str) -> TableTargets:
    name = table.database.name
    return TableTargets(
        table,
        TargetChoice(f"d{table.database_id}", TagTarget(name), table.database.tags.get(key, "")),
        TargetChoice(f"t{table.pk}", TagTarget(name, table.name), table.tags.get(key, "")),
        tuple(
            TargetChoice(
                f"t{table.pk}.{one.name}", TagTarget(name, table.name, one.name), one.tags.get(key, "")
            )
            for one in columns
        ),
    )


def list_choices(found: Sequence[TableTargets]) -> Iterator[TargetChoice]:
    for one in found:
        yield one.database
        yield one.whole
        yield from one.columns
