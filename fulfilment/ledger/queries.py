"""A ledger read by SQL: what is observed joined with what is wanted, and no row of it read that is not shown.

Which columns of a permission stand how is computed by `fulfilment.ledger.lines`, for the permissions of one page. What is
asked of all of them is only whether there are such columns, and the database answers that in one pass.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from fulfilment.ledger.lines import Key, Line, Reasons, Standing, lines_of
from fulfilment.observations.models import Observed
from fulfilment.observations.storage import Seen, columns_from, place_of, policy_from, seen_in
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.permissions import Permission

MANY = 2_000
"""Permissions that are read at once where all are wanted."""


@dataclass(frozen=True)
class Excerpt:
    """Which part of a catalog's ledger: of these databases (None: all), and what filters leave; empty ones leave all.

    `principal` is a part of its ARN, whatever the case.
    """

    catalog: ConnectedCatalog
    databases: frozenset[str] | None = None
    database: str = ""
    principal: str = ""
    standing: Standing | None = None

    def where(self, alias: str) -> str:
        """As a condition on a table of a query that has the key's columns."""
        told = {
            f"{alias}.database = ANY(%(databases)s)": self.databases is not None,
            f"{alias}.database = %(database)s": bool(self.database),
            f"strpos(lower({alias}.principal_arn), %(principal)s) > 0": bool(self.principal),
        }
        return " AND ".join(["TRUE", *(condition for condition, is_asked in told.items() if is_asked)])

    def told(self, now: datetime) -> dict[str, Any]:
        """The parameters of every query."""
        place = place_of(self.catalog)
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
class Page:
    """So many permissions of an excerpt, and whether there are others before and after them; `counts` are of all lines
    that its other filters leave, whichever standing it asks for.
    """

    lines: list[Line] = field(default_factory=list)
    counts: dict[Standing, int] = field(default_factory=dict)
    first: Key | None = None
    last: Key | None = None
    more_before: bool = False
    more_after: bool = False


def _named(alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in Key._fields[:-1])


LANDS_HERE = "(i.wanted->>'owner', i.wanted->>'region') <> (%(account)s, %(region)s)"
"""The intent is of another catalog, and its reader finds it here behind a link."""
READ_AT = """(SELECT r.read_at FROM fulfilment_scopereading r JOIN fulfilment_scope s ON s.id = r.scope_id
    WHERE s.kind = 'catalog' AND s.catalog_id = %(catalog)s)"""
SETTLED = f"""i.presence IN ('absent', 'stale') AND i.proven_generation = i.generation
    AND NOT ({LANDS_HERE} AND i.seen_at > {READ_AT})"""
"""What is on a link here is proven gone by the other catalog's round; what was read here before says nothing against it."""
IS_LIVE = (
    "(i.ended_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > %(now)s) AND i.presence <> 'stale')"
)
WANTED = f"""fulfilment_justification j JOIN fulfilment_intent i
    ON i.id = j.intent_id AND j.account_id = %(account)s AND j.region = %(region)s AND NOT ({SETTLED})"""
"""What still matters: what is proven gone, or let go because it is another thing by now, does not."""
IS_IMPLIED = """({0}.verb = 'DESCRIBE' AND {0}."table" <> '' AND EXISTS (
    SELECT FROM fulfilment_observed s WHERE s.catalog_id = %(catalog)s AND s.database = {0}.database AND
    s."table" = {0}."table" AND s.principal_arn = {0}.principal_arn AND s.verb = 'SELECT' AND s.condition_key = ''))"""
"""DESCRIBE on a table comes with a SELECT that its holder has there."""
ASKED = """unnest(%(names)s::text[], %(tables)s::text[], %(principals)s::text[], %(verbs)s::text[], %(filters)s::text[],
    %(options)s::boolean[], %(tags)s::text[], %(conditions)s::text[])
    AS k (database, "table", principal_arn, verb, cells_filter, grantable, tagged, condition_key)"""
HELD_AT = f"""SELECT o.id FROM {ASKED} JOIN fulfilment_observed o ON o.catalog_id = %(catalog)s
    AND ({_named("o")}, o.condition_key) = ({_named("k")}, k.condition_key)"""  # noqa: S608
REMOVED = """fulfilment_removal r JOIN fulfilment_intent i ON i.id = r.intent_id AND r.catalog_id = %(catalog)s
    AND i.proven_generation <> i.generation CROSS JOIN LATERAL (SELECT r.atom->'remove' AS one) a
    JOIN fulfilment_observed o ON o.catalog_id = r.catalog_id AND o.database = a.one->>'database'
    AND o."table" = a.one->>'table' AND o.principal_arn = a.one->>'principal' AND o.verb = a.one->>'verb'
    AND o.cells_filter = coalesce(a.one->>'cells_filter', '') AND o.condition = coalesce(a.one->>'condition', '')
    AND o.policy = coalesce(a.one->'policy', jsonb_build_object())
    AND (o.grantable = (a.one->>'grantable')::boolean OR (a.one->>'grantable')::boolean)"""
"""What somebody ordered to be removed and is not proven gone. With the option to pass something on goes the permission."""
REASONS_AT = f"""SELECT {_named("j")}, '', j.policy::text, {IS_IMPLIED.format("j")}, {IS_LIVE}, i.id, j.columns::text
    FROM {ASKED} JOIN ({WANTED}) ON ({_named("j")}) = ({_named("k")}) AND k.condition_key = ''
    UNION ALL SELECT {_named("o")}, o.condition_key, o.policy::text, FALSE, FALSE, i.id, (r.atom->'columns')::text
    FROM {ASKED} JOIN ({REMOVED}) ON ({_named("o")}, o.condition_key) = ({_named("k")}, k.condition_key)"""  # noqa: S608
UNIONS = f"""SELECT {_named("j")}, j.condition_key,
           fulfilment_columns_union(j.columns) FILTER (WHERE j.is_live) AS live,
           fulfilment_columns_union(j.columns) FILTER (WHERE NOT j.is_live) AS ending
    FROM (SELECT {_named("j")}, '' AS condition_key, j.columns, {IS_LIVE} AS is_live FROM {WANTED} UNION ALL
        SELECT {_named("o")}, o.condition_key, r.atom->'columns', FALSE FROM {REMOVED}) AS j"""  # noqa: S608


def lines_at(catalog: ConnectedCatalog, keys: Collection[Key], now: datetime) -> list[Line]:
    """The lines of these permissions, in their order; none of what neither AWS nor we know of. Three queries."""
    if not keys:
        return []
    asked = _asked_at(catalog, keys, now)
    held, reasons = _held_at(catalog, asked), _reasons_at(catalog, asked)
    return [line for key in sorted(set(keys)) for line in lines_of(held.get(key), reasons.get(key))]


def lines_held(catalog: ConnectedCatalog, rows: QuerySet[Observed], now: datetime) -> list[Line]:
    """The lines of these observed permissions, without what is missing of them. Two queries."""
    held = {Key.of(row.permission): row for row in seen_in(catalog, rows)}
    if not held:
        return []
    reasons = _reasons_at(catalog, _asked_at(catalog, held, now))
    lines = (line for key in sorted(held) for line in lines_of(held[key], reasons.get(key)))
    return [line for line in lines if line.standing != Standing.MISSING]


def _asked_at(catalog: ConnectedCatalog, keys: Collection[Key], now: datetime) -> dict[str, Any]:
    """The parameters of a query about these permissions."""
    names = "names", "tables", "principals", "verbs", "filters", "options", "tags", "conditions"
    columns = [list(column) for column in zip(*keys, strict=True)]
    return Excerpt(catalog).told(now) | dict(zip(names, columns, strict=True))


def _held_at(catalog: ConnectedCatalog, asked: dict[str, Any]) -> dict[Key, Seen]:
    rows = Observed.objects.filter(pk__in=[pk for (pk,) in _rows(HELD_AT, asked)])
    return {Key.of(row.permission): row for row in seen_in(catalog, rows)}


def _reasons_at(catalog: ConnectedCatalog, asked: dict[str, Any]) -> dict[Key, Reasons]:
    place, found = place_of(catalog), dict[Key, Reasons]()
    for *named, policy, implied, is_live, intent, columns in _rows(REASONS_AT, asked):
        key = Key(*named)
        if key not in found:
            one = Permission(
                place, key.principal_arn, key.database, key.table, key.verb, key.grantable, key.cells_filter,
                policy=policy_from(policy),
            )  # fmt: skip
            found[key] = Reasons(one, implied)
        into = found[key].live if is_live else found[key].ending
        into[intent] = columns_from(columns)
    return found


def _rows(query: str, told: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, told)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


ORDER = ", ".join(f'"{name}"' for name in Key._fields)
BACKWARDS = ", ".join(f'"{name}" DESC' for name in Key._fields)
AT = ", ".join(f"%(at_{name})s" for name in Key._fields)
LACKING = """fulfilment_columns_minus(live, columns) <> '{{"include": []}}'"""
STANDINGS = f"""
WITH wanted AS ({UNIONS} WHERE {{wanted}} GROUP BY {_named("j")}, j.condition_key),
held AS (SELECT {_named("o")}, o.condition_key, o.columns FROM fulfilment_observed o
    WHERE o.catalog_id = %(catalog)s AND {{held}}),
shared AS MATERIALIZED (SELECT *, fulfilment_columns_minus(columns, live) AS not_live
    FROM held FULL JOIN wanted USING ({ORDER})),
rest AS MATERIALIZED (SELECT *, fulfilment_columns_minus(not_live, ending) AS nobodys FROM shared),
standings AS MATERIALIZED (SELECT {ORDER},
    CASE WHEN {LACKING} THEN NOT {IS_IMPLIED.format("rest")} ELSE FALSE END AS missing,
    coalesce(nobodys <> '{{{{"include": []}}}}', FALSE) AS unmanaged,
    coalesce(nobodys <> not_live, FALSE) AS ending,
    coalesce(not_live <> columns, FALSE) AS managed
    FROM rest)
"""  # noqa: S608
"""By permission, which standings some of its columns have."""
COUNTS = "SELECT " + ", ".join(f"count(*) FILTER (WHERE {one.value}) AS {one.value}_" for one in Standing)


def counts(excerpt: Excerpt, now: datetime) -> dict[Standing, int]:
    """Lines of each standing, whichever the excerpt asks for. One query."""
    (found,) = _rows(f"{_standings(excerpt)} {COUNTS} FROM standings", excerpt.told(now))
    return dict(zip(Standing, found, strict=True))


def databases_in(excerpt: Excerpt, now: datetime) -> list[str]:
    """Names of the databases about which the ledger has lines, without regard to other filters. One query."""
    every = replace(excerpt, database="", principal="", standing=None)
    query = f"""SELECT o.database FROM fulfilment_observed o WHERE o.catalog_id = %(catalog)s AND {every.where("o")}
        UNION SELECT j.database FROM {WANTED} WHERE {every.where("j")} AND {IS_LIVE} ORDER BY 1"""  # noqa: S608
    return [name for (name,) in _rows(query, every.told(now)) if name]


def page(
    excerpt: Excerpt, now: datetime, size: int, *, after: Key | None = None, before: Key | None = None
) -> Page:
    """`size` permissions of the excerpt: the first, those after a key, or the last before one. Four queries."""
    numbers, found = _found(excerpt, now, size + 1, after=after, before=before)
    keys, is_more = found[:size], len(found) > size
    if before:
        keys.reverse()
    if not keys:
        return Page(counts=numbers)
    lines = _fitting(excerpt, keys, now)
    more_before, more_after = (is_more, True) if before else (after is not None, is_more)
    return Page(lines, numbers, keys[0], keys[-1], more_before, more_after)


def every_line(excerpt: Excerpt, now: datetime) -> Iterator[Line]:
    """All lines, in their order."""
    _, keys = _found(excerpt, now, None)
    for start in range(0, len(keys), MANY):
        yield from _fitting(excerpt, keys[start : start + MANY], now)


def _fitting(excerpt: Excerpt, keys: Collection[Key], now: datetime) -> list[Line]:
    lines = lines_at(excerpt.catalog, keys, now)
    return [line for line in lines if excerpt.standing in {None, line.standing}]


def _found(
    excerpt: Excerpt, now: datetime, most: int | None, *, after: Key | None = None, before: Key | None = None
) -> tuple[dict[Standing, int], list[Key]]:
    """How many lines there are of each standing, and the keys of so many permissions."""
    at = after or before
    told = excerpt.told(now) | {"most": most}
    told |= {f"at_{name}": value for name, value in at._asdict().items()} if at else {}
    asked = excerpt.standing.value if excerpt.standing else "(missing OR unmanaged OR ending OR managed)"
    beyond = f"({ORDER}) {'<' if before else '>'} ({AT})" if at else "TRUE"
    order = BACKWARDS if before else ORDER
    query = f"""{_standings(excerpt)} SELECT * FROM ({COUNTS} FROM standings) AS numbers LEFT JOIN (
        SELECT {ORDER} FROM standings WHERE {asked} AND {beyond} ORDER BY {order} LIMIT %(most)s) AS keys ON TRUE
        ORDER BY {order}"""  # noqa: S608
    rows = _rows(query, told)
    numbers = dict(zip(Standing, rows[0], strict=False))
    return numbers, [Key(*row[len(numbers) :]) for row in rows if row[-1] is not None]


def _standings(excerpt: Excerpt) -> str:
    return STANDINGS.format(wanted=excerpt.where("j"), held=excerpt.where("o"))
