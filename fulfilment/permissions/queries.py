"""Reads permissions of a catalog by SQL: observed permissions joined with wanted ones, one page at a time.

The status of each column is computed in `fulfilment.permissions.catalog_permissions`, for the permissions of one page. For all
others the database computes in one pass which statuses occur.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from fulfilment.observations.models import ObservedCellsFilter, ObservedPermission
from fulfilment.observations.storage import (
    StoredPermission,
    build_filters,
    get_data_catalog,
    iterate_permissions,
    parse_columns,
    parse_tag_policy,
)
from fulfilment.permissions.catalog_permissions import (
    CatalogPermission,
    PermissionJustification,
    PermissionKey,
    PermissionStatus,
    build_catalog_permissions,
)
from identity.accounts import ConnectedCatalog
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import Permission

BATCH_SIZE = 2_000
"""Permissions in one query when all are read."""


@dataclass(frozen=True)
class PermissionFilter:
    """Filter of a catalog's permissions. `databases` None means all; empty filters match all.

    `principal` is a part of its ARN, whatever the case.
    """

    catalog: ConnectedCatalog
    databases: frozenset[str] | None = None
    database: str = ""
    principal: str = ""
    status: PermissionStatus | None = None

    def build_condition(self, alias: str) -> str:
        """SQL condition on the table `alias`, which has the columns of the key."""
        told = {
            f"{alias}.database = ANY(%(databases)s)": self.databases is not None,
            f"{alias}.database = %(database)s": bool(self.database),
            f"strpos(lower({alias}.principal_arn), %(principal)s) > 0": bool(self.principal),
        }
        return " AND ".join(["TRUE", *(condition for condition, is_asked in told.items() if is_asked)])

    def build_params(self, now: datetime) -> dict[str, Any]:
        """The parameters of every query."""
        place = get_data_catalog(self.catalog)
        return {
            "catalog": self.catalog.pk,
            "account": place.account,
            "region": place.region,
            "now": now,
            "databases": list(self.databases or ()),
            "database": self.database,
            "principal": self.principal.lower(),
        }


@dataclass(frozen=True)
class PermissionPage:
    """One page of permissions. `counts` are of all permissions that match the filter, regardless of
    its status.
    """

    permissions: list[CatalogPermission] = field(default_factory=list)
    counts: dict[PermissionStatus, int] = field(default_factory=dict)
    first_key: PermissionKey | None = None
    last_key: PermissionKey | None = None
    has_previous: bool = False
    has_next: bool = False


def _key_columns(alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in PermissionKey._fields[:-1])


IS_LINKED_HERE = "(i.wanted->>'owner', i.wanted->>'region') <> (%(account)s, %(region)s)"
"""The intent is of another catalog, and its link is in this one."""
READ_AT = """(SELECT r.read_at FROM fulfilment_scopereading r JOIN fulfilment_scope s ON s.id = r.scope_id
    WHERE s.kind = 'catalog' AND s.catalog_id = %(catalog)s)"""
IS_SETTLED = f"""i.presence IN ('absent', 'stale') AND i.proven_generation = i.generation
    AND NOT ({IS_LINKED_HERE} AND i.seen_at > {READ_AT})"""
"""Proven gone. A permission on a link is proven by the other catalog's round, so this catalog must be read after it."""
IS_LIVE = """(i.ended_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > %(now)s)
    AND NOT (i.presence = 'stale' AND i.proven_generation = i.generation))"""
WANTED_PERMISSIONS = f"""fulfilment_justification j JOIN fulfilment_intent i
    ON i.id = j.intent_id AND j.account_id = %(account)s AND j.region = %(region)s AND NOT ({IS_SETTLED})"""
"""Justifications of intents that are not settled."""
IS_IMPLIED = """({0}.verb = 'DESCRIBE' AND {0}."table" <> '' AND EXISTS (
    SELECT FROM fulfilment_observedpermission s WHERE s.catalog_id = %(catalog)s AND s.database = {0}.database AND
    s."table" = {0}."table" AND s.principal_arn = {0}.principal_arn AND s.verb = 'SELECT' AND s.condition_key = ''))"""
"""A DESCRIBE that AWS adds to the holder's SELECT on the table."""
REQUESTED_KEYS = """unnest(%(names)s::text[], %(tables)s::text[], %(principals)s::text[], %(verbs)s::text[], %(filters)s::text[],
    %(options)s::boolean[], %(tags)s::text[], %(conditions)s::text[])
    AS k (database, "table", principal_arn, verb, cells_filter, grantable, tagged, condition_key)"""
SELECT_HELD = f"""SELECT o.id FROM {REQUESTED_KEYS} JOIN fulfilment_observedpermission o ON o.catalog_id = %(catalog)s
    AND ({_key_columns("o")}, o.condition_key) = ({_key_columns("k")}, k.condition_key)"""  # noqa: S608
ORDERED_REMOVALS = """fulfilment_permissionremoval r JOIN fulfilment_intent i ON i.id = r.intent_id AND r.catalog_id = %(catalog)s
    AND i.proven_generation <> i.generation CROSS JOIN LATERAL (SELECT r.atom->'remove' AS one) a
    JOIN fulfilment_observedpermission o ON o.catalog_id = r.catalog_id AND o.database = a.one->>'database'
    AND o."table" = a.one->>'table' AND o.principal_arn = a.one->>'principal' AND o.verb = a.one->>'verb'
    AND o.cells_filter = coalesce(a.one->>'cells_filter', '') AND o.condition = coalesce(a.one->>'condition', '')
    AND o.policy = coalesce(a.one->'policy', jsonb_build_object())
    AND (o.grantable = (a.one->>'grantable')::boolean OR (a.one->>'grantable')::boolean)"""
"""Ordered removals not proven yet. Removing a permission removes its grant option, too."""
SELECT_JUSTIFICATIONS = f"""SELECT {_key_columns("j")}, '', j.policy::text, {IS_IMPLIED.format("j")}, {IS_LIVE}, i.id, j.columns::text
    FROM {REQUESTED_KEYS} JOIN ({WANTED_PERMISSIONS}) ON ({_key_columns("j")}) = ({_key_columns("k")}) AND k.condition_key = ''
    UNION ALL SELECT {_key_columns("o")}, o.condition_key, o.policy::text, FALSE, FALSE, i.id, (r.atom->'columns')::text
    FROM {REQUESTED_KEYS} JOIN ({ORDERED_REMOVALS}) ON ({_key_columns("o")}, o.condition_key) = ({_key_columns("k")}, k.condition_key)"""  # noqa: S608
SELECT_COLUMN_UNIONS = f"""SELECT {_key_columns("j")}, j.condition_key,
           fulfilment_columns_union(j.columns) FILTER (WHERE j.is_live) AS live,
           fulfilment_columns_union(j.columns) FILTER (WHERE NOT j.is_live) AS ending
    FROM (SELECT {_key_columns("j")}, '' AS condition_key, j.columns, {IS_LIVE} AS is_live FROM {WANTED_PERMISSIONS} UNION ALL
        SELECT {_key_columns("o")}, o.condition_key, r.atom->'columns', FALSE FROM {ORDERED_REMOVALS}) AS j"""  # noqa: S608


def load_permissions(
    catalog: ConnectedCatalog, keys: Collection[PermissionKey], now: datetime
) -> list[CatalogPermission]:
    """These permissions by status, sorted; nothing for a key that is neither observed nor wanted. Three queries."""
    if not keys:
        return []
    asked = _build_key_params(catalog, keys, now)
    held, reasons = _load_held(catalog, asked), _load_justifications(catalog, asked)
    return [
        line
        for key in sorted(set(keys))
        for line in build_catalog_permissions(held.get(key), reasons.get(key))
    ]


def load_observed_permissions(
    catalog: ConnectedCatalog, rows: QuerySet[ObservedPermission], now: datetime
) -> list[CatalogPermission]:
    """These observed permissions by status, without missing columns. Two queries."""
    held = {PermissionKey.from_permission(row.permission): row for row in iterate_permissions(catalog, rows)}
    if not held:
        return []
    reasons = _load_justifications(catalog, _build_key_params(catalog, held, now))
    lines = (line for key in sorted(held) for line in build_catalog_permissions(held[key], reasons.get(key)))
    return [line for line in lines if line.status != PermissionStatus.MISSING]


def _build_key_params(
    catalog: ConnectedCatalog, keys: Collection[PermissionKey], now: datetime
) -> dict[str, Any]:
    """The parameters of a query about these permissions."""
    names = "names", "tables", "principals", "verbs", "filters", "options", "tags", "conditions"
    columns = [list(column) for column in zip(*keys, strict=True)]
    return PermissionFilter(catalog).build_params(now) | dict(zip(names, columns, strict=True))


def _load_held(catalog: ConnectedCatalog, asked: dict[str, Any]) -> dict[PermissionKey, StoredPermission]:
    rows = ObservedPermission.objects.filter(pk__in=[pk for (pk,) in _fetch_all(SELECT_HELD, asked)])
    return {PermissionKey.from_permission(row.permission): row for row in iterate_permissions(catalog, rows)}


def _load_justifications(
    catalog: ConnectedCatalog, asked: dict[str, Any]
) -> dict[PermissionKey, PermissionJustification]:
    place, justifications = get_data_catalog(catalog), dict[PermissionKey, PermissionJustification]()
    for *named, policy, implied, is_live, intent, columns in _fetch_all(SELECT_JUSTIFICATIONS, asked):
        key = PermissionKey(*named)
        if key not in justifications:
            permission = Permission(
                place,
                key.principal_arn,
                key.database,
                key.table,
                key.verb,
                key.grantable,
                key.cells_filter,
                policy=parse_tag_policy(policy),
            )
            justifications[key] = PermissionJustification(permission, implied)
        into = justifications[key].live if is_live else justifications[key].ending
        into[intent] = parse_columns(columns)
    return justifications


def _fetch_all(query: str, told: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, told)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


KEY_ORDER = ", ".join(f'"{name}"' for name in PermissionKey._fields)
KEY_ORDER_REVERSED = ", ".join(f'"{name}" DESC' for name in PermissionKey._fields)
KEY_CURSOR = ", ".join(f"%(at_{name})s" for name in PermissionKey._fields)
HAS_MISSING_COLUMNS = """fulfilment_columns_minus(live, columns) <> '{{"include": []}}'"""
WITH_STATUSES = f"""
WITH wanted AS ({SELECT_COLUMN_UNIONS} WHERE {{wanted}} GROUP BY {_key_columns("j")}, j.condition_key),
held AS (SELECT {_key_columns("o")}, o.condition_key, o.columns FROM fulfilment_observedpermission o
    WHERE o.catalog_id = %(catalog)s AND {{held}}),
shared AS MATERIALIZED (SELECT *, fulfilment_columns_minus(columns, live) AS not_live
    FROM held FULL JOIN wanted USING ({KEY_ORDER})),
rest AS MATERIALIZED (SELECT *, fulfilment_columns_minus(not_live, ending) AS nobodys FROM shared),
standings AS MATERIALIZED (SELECT {KEY_ORDER},
    CASE WHEN {HAS_MISSING_COLUMNS} THEN NOT {IS_IMPLIED.format("rest")} ELSE FALSE END AS missing,
    coalesce(nobodys <> '{{{{"include": []}}}}', FALSE) AS unmanaged,
    coalesce(nobodys <> not_live, FALSE) AS ending,
    coalesce(not_live <> columns, FALSE) AS managed
    FROM rest)
"""  # noqa: S608
"""For each permission, the statuses that occur among its columns."""
SELECT_COUNTS = "SELECT " + ", ".join(
    f"count(*) FILTER (WHERE {one.value}) AS {one.value}_" for one in PermissionStatus
)


def count_by_status(excerpt: PermissionFilter, now: datetime) -> dict[PermissionStatus, int]:
    """Number of permissions by status, regardless of the filter's status. One query."""
    (found,) = _fetch_all(
        f"{_build_with_statuses(excerpt)} {SELECT_COUNTS} FROM standings", excerpt.build_params(now)
    )
    return dict(zip(PermissionStatus, found, strict=True))


def list_databases(excerpt: PermissionFilter, now: datetime) -> list[str]:
    """Names of databases with permissions, regardless of the other filters. One query."""
    every = replace(excerpt, database="", principal="", status=None)
    query = f"""SELECT o.database FROM fulfilment_observedpermission o WHERE o.catalog_id = %(catalog)s AND {every.build_condition("o")}
        UNION SELECT j.database FROM {WANTED_PERMISSIONS} WHERE {every.build_condition("j")} AND {IS_LIVE} ORDER BY 1"""  # noqa: S608
    return [name for (name,) in _fetch_all(query, every.build_params(now)) if name]


def load_page(
    excerpt: PermissionFilter,
    now: datetime,
    size: int,
    *,
    after: PermissionKey | None = None,
    before: PermissionKey | None = None,
) -> PermissionPage:
    """`size` permissions of the excerpt: the first, those after a key, or the last before one. Four queries."""
    numbers, found = _find_counts_and_keys(excerpt, now, size + 1, after=after, before=before)
    keys, is_more = found[:size], len(found) > size
    if before:
        keys.reverse()
    if not keys:
        return PermissionPage(counts=numbers)
    lines = _load_matching(excerpt, keys, now)
    more_before, more_after = (is_more, True) if before else (after is not None, is_more)
    return PermissionPage(lines, numbers, keys[0], keys[-1], more_before, more_after)


def iterate_catalog_permissions(excerpt: PermissionFilter, now: datetime) -> Iterator[CatalogPermission]:
    """All matching permissions, sorted."""
    _, keys = _find_counts_and_keys(excerpt, now, None)
    for start in range(0, len(keys), BATCH_SIZE):
        yield from _load_matching(excerpt, keys[start : start + BATCH_SIZE], now)


def _load_matching(
    excerpt: PermissionFilter, keys: Collection[PermissionKey], now: datetime
) -> list[CatalogPermission]:
    lines = load_permissions(excerpt.catalog, keys, now)
    return [line for line in lines if excerpt.status in {None, line.status}]


def _find_counts_and_keys(
    excerpt: PermissionFilter,
    now: datetime,
    most: int | None,
    *,
    after: PermissionKey | None = None,
    before: PermissionKey | None = None,
) -> tuple[dict[PermissionStatus, int], list[PermissionKey]]:
    """Counts by status, and the keys of at most `most` permissions."""
    at = after or before
    told = excerpt.build_params(now) | {"most": most}
    told |= {f"at_{name}": value for name, value in at._asdict().items()} if at else {}
    asked = excerpt.status.value if excerpt.status else "(missing OR unmanaged OR ending OR managed)"
    beyond = f"({KEY_ORDER}) {'<' if before else '>'} ({KEY_CURSOR})" if at else "TRUE"
    order = KEY_ORDER_REVERSED if before else KEY_ORDER
    query = f"""{_build_with_statuses(excerpt)} SELECT * FROM ({SELECT_COUNTS} FROM standings) AS numbers LEFT JOIN (
        SELECT {KEY_ORDER} FROM standings WHERE {asked} AND {beyond} ORDER BY {order} LIMIT %(most)s) AS keys ON TRUE
        ORDER BY {order}"""  # noqa: S608
    rows = _fetch_all(query, told)
    numbers = dict(zip(PermissionStatus, rows[0], strict=False))
    return numbers, [PermissionKey(*row[len(numbers) :]) for row in rows if row[-1] is not None]


def _build_with_statuses(excerpt: PermissionFilter) -> str:
    return WITH_STATUSES.format(wanted=excerpt.build_condition("j"), held=excerpt.build_condition("o"))


NO_TAGS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class TableHolder:
    """A permission on a table, with its data cells filter if it is on one.

    `unmanaged_columns` are held outside the portal: no live intent justifies them, and none is removing
    them. `ending_columns` are being removed. `intents` justify the permission or are ending it.
    """

    permission: Permission
    columns: ColumnSet
    unmanaged_columns: ColumnSet
    intents: tuple[int, ...]
    seen_at: datetime
    cells_filter: CellsFilter | None = None
    ending_columns: ColumnSet = NO_COLUMNS

    @property
    def is_managed(self) -> bool:
        """Whether intents justify, or are removing, all of its columns."""
        return not self.unmanaged_columns


def list_table_holders(
    catalog: ConnectedCatalog,
    database: str,
    table: str,
    now: datetime,
    tags: Mapping[str, Mapping[str, str]] = NO_TAGS,
) -> list[TableHolder]:
    """Holders of permissions on the table, on all tables of its database, or by the LF-Tags in force, given by column.
    Three queries.
    """
    here = Q(database=database, table__in=[table, "*"])
    observed_permissions = ObservedPermission.objects.filter(
        here | Q(tagged__startswith="TABLE:"), catalog=catalog
    )
    lines: dict[Permission, list[CatalogPermission]] = {}
    for line in load_observed_permissions(catalog, observed_permissions, now):
        lines.setdefault(line.permission, []).append(line)
    filters = ObservedCellsFilter.objects.filter(catalog=catalog, database=database, table=table)
    known = {one.name: one for one in build_filters(catalog, filters)}
    found = [_build_holder(parts, known) for _, parts in sorted(lines.items(), key=_principal_sort_key)]
    return [one for holder in found for one in _limit_to_tagged_columns(holder, tags)]


def _principal_sort_key(item: tuple[Permission, list[CatalogPermission]]) -> tuple[str, str]:
    permission, _lines = item
    return permission.principal, permission.verb


def _limit_to_tagged_columns(
    holder: TableHolder, tags: Mapping[str, Mapping[str, str]]
) -> Iterator[TableHolder]:
    """Limit a permission by LF-Tags to the columns that carry them. A named expression counts as all columns."""
    policy = holder.permission.policy
    if policy is None or policy.name:
        yield holder
    elif names := [column for column, carried in tags.items() if policy.expression.matches(carried)]:
        columns = ColumnSet.include(names)
        yield replace(
            holder,
            columns=columns,
            unmanaged_columns=holder.unmanaged_columns & columns,
            ending_columns=holder.ending_columns & columns,
        )


def _build_holder(lines: Sequence[CatalogPermission], filters: Mapping[str, CellsFilter]) -> TableHolder:
    """The lines of one permission as one holder."""
    permission, seen_at = lines[0].permission, lines[0].seen_at
    assert seen_at is not None, "it was observed"
    return TableHolder(
        permission,
        columns=_unite_columns(lines, *PermissionStatus),
        unmanaged_columns=_unite_columns(lines, PermissionStatus.UNMANAGED),
        intents=tuple(sorted({pk for line in lines for pk in line.intents})),
        seen_at=seen_at,
        cells_filter=filters.get(permission.cells_filter),
        ending_columns=_unite_columns(lines, PermissionStatus.ENDING),
    )


def _unite_columns(lines: Iterable[CatalogPermission], *standings: PermissionStatus) -> ColumnSet:
    columns = NO_COLUMNS
    for line in lines:
        columns |= line.columns if line.status in standings else NO_COLUMNS
    return columns
