"""Matches datasets to tables of the mirror: by ARN, by a symlink, else by the longest location above an S3 address."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When

from catalog.lineage.models import RETRIED, LineageDataset, MatchKind
from catalog.mirror.models import Table
from catalog.products.may import EDITOR_ROLES, visible_tables
from catalog.products.models import ProductTable
from catalog.sync.models import SyncRun
from identity.accounts import ConnectedCatalog
from identity.people.models import Membership

_ARN = re.compile(r"arn:(aws[a-z-]*):glue:([a-z0-9-]+):(\d{12})(?::table/([^/]+)/(.+))?")
_ACCOUNT, _REGION = re.compile(r"\d{12}"), re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_GLUE = re.compile(r"(?:aws)?glue://(.*)|aws:glue:(.*)")
_ATHENA = re.compile(r"awsathena://athena\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?", re.IGNORECASE)
_S3 = re.compile(r"s3[an]?://([^/]+)/?(.*)")
_TABLE_NAME = re.compile(r"table/([^/]+)/(.+)")
MAX_DEPTH = 64


class GlueName(NamedTuple):
    """In lower case, as Glue has it. An empty account or region is any."""

    account: str
    region: str
    database: str
    table: str


def parse_glue_name(namespace: str, name: str) -> GlueName | None:
    """`arn:aws:glue:region:account` with `table/db/table` (OpenLineage's), a whole ARN, `awsglue://…`, `glue://…` or
    `aws:glue:…` with `db.table`, and Athena's `awsathena://athena.region.amazonaws.com` with `catalog.db.table`.
    """
    if whole := _ARN.fullmatch(name):
        return _build(whole[3], whole[2], whole[4], whole[5])
    database, table = _parse_table(name)
    if arn := _ARN.fullmatch(namespace):
        return _build(arn[3], arn[2], database, table)
    if glue := _GLUE.fullmatch(namespace):
        where = glue[1] or glue[2] or ""
        account, region = _ACCOUNT.search(where), _REGION.search(where)
        return _build(account[0] if account else "", region[0] if region else "", database, table)
    if athena := _ATHENA.fullmatch(namespace):
        return _build("", athena[1], database, table)
    return None


def _build(account: str, region: str, database: str | None, table: str | None) -> GlueName | None:
    return GlueName(account, region.lower(), database.lower(), table.lower()) if database and table else None


def _parse_table(name: str) -> tuple[str, str]:
    """`table/db/table`, or the last two parts of a dotted name."""
    if slashed := _TABLE_NAME.fullmatch(name):
        return slashed[1], slashed[2]
    parts = name.split(".")
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("", "")


def normalize_location(namespace: str, name: str) -> str:
    """`s3://bucket/path` without a slash at the end; empty if the dataset is no S3 address."""
    found = _S3.match(f"{namespace.rstrip('/')}/{name.lstrip('/')}")
    return f"s3://{found[1]}/{found[2]}".rstrip("/") if found else ""


def list_prefixes(location: str) -> list[str]:
    """The location and each folder above it, longest first."""
    return list(_list_prefixes(location))[:MAX_DEPTH]


def _list_prefixes(location: str) -> Iterator[str]:
    while location.count("/") >= 2:  # noqa: PLR2004 - s3://bucket
        yield location
        location = location.rpartition("/")[0]


def spell_location(location: str) -> tuple[str, ...]:
    """As a table of Glue may have written it."""
    path = location.removeprefix("s3://")
    return tuple(f"{scheme}://{path}{end}" for scheme in ("s3", "s3a", "s3n") for end in ("", "/"))


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
    """Match the datasets that people did not match. Returns how many changed. There are a few queries, whatever their
    number.
    """
    rows = [row for row in datasets if row.match in (*RETRIED, MatchKind.ARN, MatchKind.SYMLINK)]
    matches = find_matches(rows)
    changed = [row for row in rows if (row.match, row.table_id) != tuple(matches[row.pk])]
    if rows:
        values = [(row.pk, matches[row.pk].kind.value, matches[row.pk].table_id) for row in rows]
        with connection.cursor() as cursor:
            cursor.execute(_STORE, [now, *(list(column) for column in zip(*values, strict=True))])
    return len(changed)


_STORE = """
UPDATE catalog_lineagedataset AS row SET match = said.match, table_id = said.table_id, tried_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS said(id, match, table_id)
WHERE row.id = said.id AND row.match NOT IN ('hand', 'hand_none')"""


def find_matches(rows: Sequence[LineageDataset], among: QuerySet[Table] | None = None) -> dict[int, Match]:
    """By the dataset's id: its own ARN, then symlinks, then its S3 address. Tables that the reporting team sees go before all others, so
    that a hidden table takes no match from them. With `among`, only these tables are looked at.
    """
    by_team: dict[int | None, list[LineageDataset]] = defaultdict(list)
    for row in rows:
        by_team[row.team_id].append(row)
    candidates = _find_candidates(rows, among)
    matches: dict[int, Match] = {}
    for team, some in by_team.items():
        tables = find_seen_tables(team, candidates.tables)
        matches |= {
            row.pk: candidates.restrict(tables).match(row) or candidates.match(row) or NO_MATCH
            for row in some
        }
    return matches


@dataclass(frozen=True)
class _Candidates:
    """Tables by name, and by S3 address as `normalize_location` writes it. The higher rank is the better table."""

    by_name: Mapping[GlueName, Sequence[int]]
    by_place: Mapping[str, Sequence[int]]
    ranks: Mapping[int, tuple[bool, bool]]

    @property
    def tables(self) -> set[int]:
        return {pk for found in (self.by_name, self.by_place) for some in found.values() for pk in some}

    def restrict(self, tables: Collection[int]) -> "_Candidates":
        return _Candidates(_restrict(self.by_name, tables), _restrict(self.by_place, tables), self.ranks)

    def match(self, row: LineageDataset) -> Match | None:
        links = (self._choose(parse_glue_name(*link)) for link in row.symlinks)
        if table := self._choose(parse_glue_name(row.namespace, row.name)):
            return Match(MatchKind.ARN, table)
        if table := next(filter(None, links), None):
            return Match(MatchKind.SYMLINK, table)
        prefixes = list_prefixes(normalize_location(row.namespace, row.name))
        longest = next((prefix for prefix in prefixes if prefix in self.by_place), "")
        table = self._choose_best(self.by_place.get(longest, ()))
        return Match(MatchKind.LOCATION, table) if table else None

    def _choose(self, name: GlueName | None) -> int | None:
        return self._choose_best(self.by_name.get(name, ())) if name else None

    def _choose_best(self, tables: Sequence[int]) -> int | None:
        """One in a product, then one of a governance catalog. None if two are equal."""
        best = max((self.ranks[pk] for pk in tables), default=None)
        top = [pk for pk in tables if self.ranks[pk] == best]
        return top[0] if len(top) == 1 else None


def _restrict(found: Mapping[Key, Sequence[int]], tables: Collection[int]) -> dict[Key, list[int]]:
    return {key: kept for key, some in found.items() if (kept := [pk for pk in some if pk in tables])}


def _find_candidates(rows: Sequence[LineageDataset], among: QuerySet[Table] | None) -> _Candidates:
    own = {parse_glue_name(row.namespace, row.name) for row in rows}
    names = own | {parse_glue_name(*link) for row in rows for link in row.symlinks}
    by_name = _find_by_name(sorted(name for name in names if name))
    by_place = _find_by_location({normalize_location(row.namespace, row.name) for row in rows} - {""})
    candidates = _Candidates(by_name, by_place, {})
    if not candidates.tables:
        return candidates
    in_product = Exists(ProductTable.objects.filter(table=OuterRef("pk")))
    tables = (Table.objects.all() if among is None else among).filter(pk__in=candidates.tables)
    kinds = tables.annotate(in_product=in_product).values_list("pk", "in_product", "database__catalog__kind")
    ranks = {pk: (is_in, kind == ConnectedCatalog.Kind.GOVERNANCE) for pk, is_in, kind in kinds}
    return _Candidates(by_name, by_place, ranks).restrict(ranks)


def find_seen_tables(team: int | None, tables: Collection[int]) -> set[int]:
    """The tables that the team sees: the first of its members who may match datasets, else the first of all."""
    members = Membership.objects.filter(team=team, person__is_active=True, person__is_external=False)
    is_editor = Case(When(role__in=EDITOR_ROLES, then=0), default=1)
    member = (
        members.order_by(is_editor, "person").select_related("person").first() if tables and team else None
    )
    if member is None:
        return set()
    return set(visible_tables(member.person).filter(pk__in=tables).values_list("pk", flat=True))


def _find_by_name(names: Sequence[GlueName]) -> dict[GlueName, list[int]]:
    """Names without an account fit several tables."""
    found: dict[GlueName, list[int]] = defaultdict(list)
    if names:
        columns = [list(column) for column in zip(*names, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_FIND_BY_NAME, [list(range(len(names))), *columns])
            for number, table in cursor.fetchall():
                found[names[number]].append(table)
    return found


def _find_by_location(locations: Iterable[str]) -> dict[str, list[int]]:
    """By the locations and the folders above them."""
    prefixes = {prefix for location in locations for prefix in list_prefixes(location)}
    spellings = {spelling: prefix for prefix in prefixes for spelling in spell_location(prefix)}
    found: dict[str, list[int]] = defaultdict(list)
    rows = Table.objects.filter(location__in=list(spellings), tombstoned_at=None).exclude(location="")
    for pk, location in rows.values_list("pk", "location") if spellings else ():
        found[spellings[location]].append(pk)
    return found


def list_datasets_to_match() -> QuerySet[LineageDataset]:
    """Without a table, or matched by location, and last tried before the end of the last sync."""
    last_sync = (
        SyncRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("finished_at")
    )
    return LineageDataset.objects.filter(
        Q(tried_at=None) | Q(tried_at__lt=Subquery(last_sync[:1])), match__in=RETRIED
    )
