"""What differs between a table that was created again and the earlier ones of its name, and what that means for each grant."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from catalog.mirror.models import Classification, Table
from catalog.mirror.schema_changes import (
    COMPARED_FIELDS,
    POSITIONAL_FORMATS,
    ComparedColumn,
    TableChange,
    compare_schemas,
)
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from lakeformation.values.canonical_json import digest
from lakeformation.values.row_filters import RowFilterError, list_columns, parse_row_filter
from lakeformation.values.wording import list_names, to_sentence
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.targets.checks import VIEW_KINDS, check_schema, compute_effects, get_column_types

COLUMN_CHANGES = frozenset({"column_removed", "type_widened", "type_changed", "key_changed"})
SHOWN_FIELDS = frozenset({"kind", "data_format", "location"})
SENSITIVITY = {"": 0, Classification.PUBLIC: 0, Classification.PRIVATE: 1, Classification.SENSITIVE: 2}
MAX_LISTED = 9


@dataclass(frozen=True)
class TableDifferences:
    """What differs between the table and an earlier one. `reclassified` are columns with a more sensitive classification now,
    `new_keys` columns that are partition keys now, `is_other_kind`: a table became a view, or a view a table; `has_other_view`:
    another text decides which rows are shown.
    """

    changes: tuple[TableChange, ...]
    reclassified: frozenset[str]
    new_keys: frozenset[str]
    is_other_kind: bool
    has_other_view: bool
    is_read_by_position: bool

    @property
    def is_same(self) -> bool:
        """Columns, location, format and kind."""
        return not (self.changes or self.reclassified or self.has_other_view)

    @property
    def is_other_location(self) -> bool:
        return any(change.what == "fact_changed" and change.name == "location" for change in self.changes)

    @property
    def has_other_order(self) -> bool:
        """Whether columns have other data, as they are found by their position."""
        return any(change.what == "order_changed" for change in self.changes) and self.is_read_by_position


@dataclass(frozen=True)
class GrantComparison:
    """`obstacles` say what the grant names that differs: it can't be kept. `blockers` say why AWS would not have it, or what would
    be seen besides; when they are gone, it can be.
    """

    grant: Grant
    differences: TableDifferences
    obstacles: tuple[str, ...]
    blockers: tuple[str, ...]

    @property
    def is_keepable(self) -> bool:
        return not (self.obstacles or self.blockers)


@dataclass(frozen=True)
class Comparison:
    """The comparison of an open decision: all grants that it is about, by id."""

    row: RecreatedTable
    grants: tuple[GrantComparison, ...]

    @cached_property
    def changes(self) -> tuple[TableChange, ...]:
        """The changes of all earlier tables, each once."""
        return tuple(dict.fromkeys(change for grant in self.grants for change in grant.differences.changes))

    @property
    def is_same(self) -> bool:
        return all(grant.differences.is_same for grant in self.grants)

    @property
    def keepable_count(self) -> int:
        return sum(grant.is_keepable for grant in self.grants)

    @cached_property
    def effects_hash(self) -> str:
        """Digests all that a decision rests on, in whatever language it is shown."""
        parts = {
            str(grant.grant.pk): [
                grant.grant.table_id,
                [change.to_json() for change in grant.differences.changes],
                sorted(grant.differences.reclassified),
                len(grant.obstacles),
                len(grant.blockers),
            ]
            for grant in self.grants
        }
        return digest({"table": self.row.table_id, "grants": parts})


def compare_grants(row: RecreatedTable, grants: Sequence[Grant]) -> Comparison:
    """`grants` have their item with its request, and their table with its columns."""
    found: dict[int, TableDifferences] = {}
    readings, compared = QueryCache(), []
    for grant in grants:
        former = grant.table
        if former.pk not in found:
            found[former.pk] = compare_tables(former, row.table)
        differences = found[former.pk]
        obstacles = tuple(_list_obstacles(grant, differences, row.table))
        blockers = () if obstacles else tuple(_list_blockers(grant, row.table, readings))
        compared.append(GrantComparison(grant, differences, obstacles, blockers))
    return Comparison(row, tuple(compared))


def compare_tables(former: Table, table: Table) -> TableDifferences:
    before, after = _list_columns(former), _list_columns(table)
    changes = compare_schemas(
        {name: getattr(former, name) for name in COMPARED_FIELDS},
        {name: getattr(table, name) for name in COMPARED_FIELDS},
        before,
        after,
    )
    was = {column.name: column.classification for column in former.columns.all()}
    risen = frozenset(
        column.name
        for column in table.columns.all()
        if column.name in was and SENSITIVITY[column.classification] > SENSITIVITY[was[column.name]]
    )
    keys = {column.name for column in before if column.is_partition_key}
    return TableDifferences(
        changes=tuple(change for change in changes if _is_of_interest(change)),
        reclassified=risen,
        new_keys=frozenset(one.name for one in after if one.is_partition_key and one.name not in keys),
        is_other_kind=(former.kind in VIEW_KINDS) != (table.kind in VIEW_KINDS),
        has_other_view=former.view != table.view,
        is_read_by_position=table.data_format in POSITIONAL_FORMATS,
    )


def _list_columns(table: Table) -> list[ComparedColumn]:
    return [
        ComparedColumn(column.name, column.type, column.comment, column.is_partition_key)
        for column in table.columns.all()
    ]


def _is_of_interest(change: TableChange) -> bool:
    is_fact = change.what == "fact_changed"
    return change.name in SHOWN_FIELDS if is_fact else change.what != "comments_changed"


def _list_obstacles(grant: Grant, differences: TableDifferences, table: Table) -> Iterator[str]:
    if differences.is_other_kind:
        yield _("It is of another kind: a table is not a view.")
    if differences.has_other_view:
        yield _("The view has another text, so it shows other data.")
    if not grant.item.target.shows_data:
        return
    if differences.is_other_location:
        yield _("Its data lie in another location.")
    if differences.has_other_order:
        yield _("Its columns have another order, and its files are read by position.")
    visible = _list_visible_columns(grant)

    def shows(name: str) -> bool:
        return visible is None or name.lower() in visible

    changed = {
        change.name for change in differences.changes if change.what in COLUMN_CHANGES and shows(change.name)
    }
    risen = {name for name in differences.reclassified if shows(name)}
    keys = {name for name in differences.new_keys if not shows(name)}
    added = _list_sensitive_additions(differences, table) if visible is None else set()
    sentences = (
        (changed, _("Columns that the grant names differ: %(columns)s.")),
        (keys, _("These columns are partition keys now, which can't be hidden: %(columns)s.")),
        (risen, _("These columns have a more sensitive classification now: %(columns)s.")),
        (added, _("These columns were added, and are not public: %(columns)s.")),
    )
    for names, words in sentences:
        if names:
            yield words % {"columns": list_names(sorted(names), MAX_LISTED)}
    try:
        check_schema(table, has_future_columns=grant.item.target.has_future_columns)
    except RefusedError as error:
        yield str(error.message)


def _list_visible_columns(grant: Grant) -> frozenset[str] | None:
    """In lower case: what the grant names, its partition keys and the columns of its row filter. None for every column."""
    item = grant.item
    if item.target.has_future_columns:
        return None
    keys = {column.name for column in grant.table.columns.all() if column.is_partition_key}
    named = {*item.columns, *keys, *grant.intent.opened, *_list_filtered_columns(item, grant.table)}
    return frozenset(name.lower() for name in named)


def _list_filtered_columns(item: RequestItem, former: Table) -> Collection[str]:
    if not item.row_filter:
        return ()
    try:
        return list_columns(parse_row_filter(item.row_filter, get_column_types(former)))
    except RowFilterError:
        return get_column_types(former).keys()


def _list_sensitive_additions(differences: TableDifferences, table: Table) -> set[str]:
    added = {change.name for change in differences.changes if change.what == "column_added"}
    return {
        column.name
        for column in table.columns.all()
        if column.name in added and SENSITIVITY[column.classification] > 0
    }


def _list_blockers(grant: Grant, table: Table, readings: QueryCache) -> Iterator[str]:
    item, former = grant.item, grant.item.table
    item.table = table
    try:
        effects = compute_effects(item, readings)
    finally:
        item.table = former
    yield from (to_sentence(refusal) for refusal in effects.refusals)
    agreed = {one["key"] for decision in item.decisions.all() for one in decision.widenings if "key" in one}
    for widening in effects.widenings:
        if widening.key not in agreed:
            words = _(
                "Together with other access that the role has to the new table, more becomes visible: %(what)s."
            )
            yield words % {"what": widening.text}
