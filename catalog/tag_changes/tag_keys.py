"""LF-Tag keys with their values: what they mean, who defined them, and what carries them, as far as a person sees it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from catalog.mirror.models import Column, Database, Table, TagKey
from catalog.tag_changes.may import list_tagged_team_ids, may_view_tags, sees_all_tags
from catalog.tag_changes.models import TagChange
from decisions.states import DecisionState
from identity.people.models import Person
from kernel.errors import NotFoundError
from lakeformation.tagging import TagDefinition, definitions_from_json

LEVELS = ("databases", "tables", "columns")


@dataclass(frozen=True)
class TagUse:
    """How many databases, tables and columns carry something, inherited values among them."""

    databases: int = 0
    tables: int = 0
    columns: int = 0

    @property
    def is_used(self) -> bool:
        return bool(self.databases or self.tables or self.columns)


@dataclass(frozen=True)
class TagValue:
    name: str
    meaning: str
    use: TagUse


@dataclass(frozen=True)
class TagKeyDetails:
    """A key. `defined_in` is the last approved change that defined something of it; None if all was made in AWS."""

    row: TagKey
    meaning: str
    values: tuple[TagValue, ...]
    defined_in: TagChange | None

    @property
    def use(self) -> TagUse:
        counts = [(one.use.databases, one.use.tables, one.use.columns) for one in self.values]
        return TagUse(*(sum(column) for column in zip(*counts, strict=True))) if counts else TagUse()


def visible_tag_keys(person: Person) -> QuerySet[TagKey]:
    rows = TagKey.objects.filter(tombstoned_at=None).select_related("catalog__account")
    return rows.order_by("key", "catalog__short_name") if may_view_tags(person) else rows.none()


def get_tag_key(person: Person, pk: int) -> TagKey:
    """NotFoundError for whoever may not see it."""
    row = visible_tag_keys(person).filter(pk=pk).first()
    if row is None:
        raise NotFoundError
    return row


def build_tag_key_details(person: Person, rows: list[TagKey]) -> list[TagKeyDetails]:
    """Three counting statements for each catalog, whatever the number of its keys."""
    use = {pk: _count_use(person, pk) for pk in {row.catalog_id for row in rows}}
    told = {pk: _read_definitions(pk) for pk in use}
    return [_build(row, use[row.catalog_id], told[row.catalog_id]) for row in rows]


def _build(
    row: TagKey,
    use: Mapping[tuple[str, str], Counter[str]],
    told: Mapping[str, list[tuple[TagChange, TagDefinition]]],
) -> TagKeyDetails:
    meanings: dict[str, str] = {}
    for _change, one in told.get(row.key, ()):
        meanings |= dict(one.meanings)
    values = tuple(
        TagValue(value, meanings.get(value, ""), TagUse(**use.get((row.key, value), Counter())))
        for value in sorted(row.values)
    )
    last = told[row.key][-1][0] if row.key in told else None
    return TagKeyDetails(row, meanings.get("", ""), values, last)


def _read_definitions(catalog: int) -> Mapping[str, list[tuple[TagChange, TagDefinition]]]:
    """What approved changes say of each key, oldest first."""
    approved = TagChange.objects.filter(catalog=catalog, state=DecisionState.APPROVED).exclude(definitions=[])
    found: dict[str, list[tuple[TagChange, TagDefinition]]] = defaultdict(list)
    for change in approved.select_related("requested_by", "decided_by").order_by("decided_at", "pk"):
        for one in definitions_from_json(change.definitions):
            found[one.key].append((change, one))
    return found


def _count_use(person: Person, catalog: int) -> Mapping[tuple[str, str], Counter[str]]:
    """By key and value, how many of each level carry it. Many have the same tags: the database counts those together."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for level, rows in zip(LEVELS, list_tagged_rows(person, catalog), strict=True):
        for tags, count in rows.values_list("tags").annotate(count=Count("pk")).order_by():
            for key, value in tags.items():
                found[key, value][level] += count
    return found


def list_tagged_rows(person: Person, catalog: int) -> tuple[QuerySet[Any], ...]:
    """Live databases, tables and columns of the catalog: all for who sees all tags, else those of the own teams' domains."""
    databases = Database.objects.filter(catalog=catalog, tombstoned_at=None)
    if not sees_all_tags(person):
        databases = databases.filter(domain__owner_team__in=list_tagged_team_ids(person))
    tables = Table.objects.filter(database__in=databases, tombstoned_at=None)
    return databases, tables, Column.objects.filter(table__in=tables)


@dataclass(frozen=True)
class TaggedTableRow:
    """A table with its own value of a key, and how many of its columns carry which."""

    table: Table
    value: str
    columns: tuple[tuple[str, int], ...]


def list_tables_with_tag(person: Person, key: TagKey, value: str = "") -> QuerySet[Table]:
    """Tables that carry the key, or of which a column does; with `value`, only where it is that value."""
    _databases, tables, columns = list_tagged_rows(person, key.catalog_id)
    condition = {"tags__contains": {key.key: value}} if value else {"tags__has_key": key.key}
    carried = columns.filter(table=OuterRef("pk"), **condition)
    found = tables.filter(Q(**condition) | Exists(carried)).select_related("database__domain")
    return found.order_by("database__name", "name")


def build_tagged_table_rows(key: TagKey, tables: Sequence[Table]) -> list[TaggedTableRow]:
    """One statement, whatever the number of tables."""
    columns = Column.objects.filter(table__in=tables, tags__has_key=key.key)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for table, tags in columns.values_list("table_id", "tags"):
        counts[table][tags[key.key]] += 1
    return [
        TaggedTableRow(one, one.tags.get(key.key, ""), tuple(sorted(counts[one.pk].items())))
        for one in tables
    ]
