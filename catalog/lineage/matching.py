"""Matches datasets to tables of the mirror: by ARN, by a symlink, else by the longest location above an S3 address."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from catalog.lineage.dataset_names import (
    GlueName,
    list_prefixes,
    normalize_location,
    parse_glue_name,
    spell_location,
)
from catalog.lineage.models import LineageDataset
from catalog.lineage.states import RETRIED, MatchKind
from catalog.mirror.models import Table
from catalog.products.models import ProductTable
from catalog.sync.models import SyncRun
from identity.accounts.models import ConnectedCatalog

Key = TypeVar("Key")
_FIND_BY_NAME = """
SELECT asked.number, found.id FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[])
  AS asked(number, account, region, database, name)
JOIN identity_connectedcatalog catalog ON asked.region IN ('', catalog.region) AND catalog.path = ''
JOIN identity_account account ON account.id = catalog.account_id AND asked.account IN ('', account.account_id)
JOIN catalog_database database ON database.catalog_id = catalog.id AND database.name = asked.database
  AND database.tombstoned_at IS NULL
JOIN catalog_table found ON found.database_id = database.id AND found.name = asked.name AND found.tombstoned_at IS NULL"""


class Match(NamedTuple):
    kind: MatchKind
    table_id: int | None


NO_MATCH = Match(MatchKind.NONE, None)


def match_datasets(datasets: Sequence[LineageDataset], now: datetime) -> int:
    """Those that people did not match. Returns how many changed. A few queries, whatever their number."""
    rows = [row for row in datasets if row.match in (*RETRIED, MatchKind.ARN, MatchKind.SYMLINK)]
    found = find_matches(rows)
    changed = [row for row in rows if (row.match, row.table_id) != tuple(found[row.pk])]
    if rows:
        values = [(row.pk, found[row.pk].kind.value, found[row.pk].table_id) for row in rows]
        with connection.cursor() as cursor:
            cursor.execute(_STORE, [now, *(list(column) for column in zip(*values, strict=True))])
    return len(changed)


_STORE = """
UPDATE catalog_lineagedataset AS row SET match = said.match, table_id = said.table_id, tried_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS said(id, match, table_id)
WHERE row.id = said.id AND row.match NOT IN ('hand', 'hand_none')"""


def find_matches(rows: Sequence[LineageDataset], among: QuerySet[Table] | None = None) -> dict[int, Match]:
    """By the dataset's id: its own ARN, then symlinks, then its S3 address. With `among`, only these tables are looked at: others
    change nothing.
    """
    own = {row.pk: parse_glue_name(row.namespace, row.name) for row in rows}
    linked = {row.pk: [parse_glue_name(*link) for link in row.symlinks] for row in rows}
    names = {name for name in own.values() if name} | {
        name for some in linked.values() for name in some if name
    }
    tables = _find_by_name(sorted(names), among)
    places = _find_by_location({normalize_location(row.namespace, row.name) for row in rows} - {""}, among)
    found = {}
    for row in rows:
        name = own[row.pk]
        by_link = next((tables[one] for one in linked[row.pk] if one in tables), None)
        by_place = places.get(normalize_location(row.namespace, row.name))
        if name in tables:
            found[row.pk] = Match(MatchKind.ARN, tables[name])
        elif by_link:
            found[row.pk] = Match(MatchKind.SYMLINK, by_link)
        else:
            found[row.pk] = Match(MatchKind.LOCATION, by_place) if by_place else NO_MATCH
    return found


def _find_by_name(names: Sequence[GlueName], among: QuerySet[Table] | None) -> dict[GlueName | None, int]:
    """Names without an account fit several tables; then the best."""
    if not names:
        return {}
    columns = [list(column) for column in zip(*names, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_FIND_BY_NAME, [list(range(len(names))), *columns])
        rows = cursor.fetchall()
    kept = {table for _number, table in rows}
    if among is not None and kept:
        kept = set(among.filter(pk__in=kept).values_list("pk", flat=True))
    fitting: dict[int, list[int]] = defaultdict(list)
    for number, table in rows:
        if table in kept:
            fitting[number].append(table)
    best = _choose_best(fitting)
    return {names[number]: table for number, table in best.items()}


def _find_by_location(locations: Iterable[str], among: QuerySet[Table] | None) -> dict[str, int]:
    """The table whose location is the longest that is the address or above it."""
    prefixes = {location: list_prefixes(location) for location in locations}
    spellings = {
        spelling: prefix
        for some in prefixes.values()
        for prefix in some
        for spelling in spell_location(prefix)
    }
    if not spellings:
        return {}
    at: dict[str, list[int]] = defaultdict(list)
    tables = Table.objects.all() if among is None else among
    rows = tables.filter(location__in=list(spellings), tombstoned_at=None).exclude(location="")
    for pk, location in rows.values_list("pk", "location"):
        at[spellings[location]].append(pk)
    best = _choose_best(at)
    found = {}
    for location, some in prefixes.items():
        longest = next((prefix for prefix in some if prefix in at), None)
        if longest in best:
            found[location] = best[longest]
    return found


def _choose_best(fitting: Mapping[Key, Sequence[int]]) -> dict[Key, int]:
    """Of several tables for one name or place: one in a product, then one of a governance catalog. None if two are equal."""
    several = {pk for some in fitting.values() if len(some) > 1 for pk in some}
    in_product = Exists(ProductTable.objects.filter(table=OuterRef("pk")))
    rows: Any = ()
    if several:
        rows = Table.objects.filter(pk__in=several).annotate(in_product=in_product)
        rows = rows.select_related("database__catalog")
    ranks = {
        row.pk: (row.in_product, row.database.catalog.kind == ConnectedCatalog.Kind.GOVERNANCE)
        for row in rows
    }
    chosen = {}
    for key, some in fitting.items():
        best = max(ranks.get(pk, (False, False)) for pk in some)
        top = [pk for pk in some if ranks.get(pk, (False, False)) == best]
        if len(top) == 1:
            chosen[key] = top[0]
    return chosen


def list_datasets_to_match() -> QuerySet[LineageDataset]:
    """Without a table, or matched by location, and last tried before the end of the last sync."""
    last_sync = (
        SyncRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("finished_at")
    )
    return LineageDataset.objects.filter(
        Q(tried_at=None) | Q(tried_at__lt=Subquery(last_sync[:1])), match__in=RETRIED
    )
