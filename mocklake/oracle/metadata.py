"""What a principal is shown of databases and tables: the oracle's own reading, apart from the request path's.

From AWS's developer guide: whoever holds any permission on a table sees it; SELECT on some columns, by name, by a
filter or by tags, shows these columns; administrators, read-only ones too, and creators see all that is their
account's. In its own account a table shows its database, across accounts it does not. What was granted to an
account is seen by that account's administrators, and by others as far as somebody there granted them the same.
Whoever opted in to a table in hybrid access mode no longer holds there what everyone holds. Assumed: other
permissions show a table also to those whom no opt-in lets read it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from mocklake import partitions
from mocklake.oracle import columns as oracle_columns
from mocklake.oracle import policy_texts
from mocklake.world import World

Reach = dict[str, set[str]]
"""The columns that each permission shows."""
OF_TABLE = {"SELECT", "INSERT", "DELETE", "DESCRIBE", "ALTER", "DROP"}
OF_DATABASE = {"DESCRIBE", "ALTER", "DROP", "CREATE_TABLE"}


@dataclass(frozen=True)
class Place:
    """A database where it really is, or with `table` one in it."""

    catalog: str
    region: str
    database: str
    table: str = ""

    def arns(self) -> list[str]:
        prefix = partitions.regional_arn("glue", self.region, self.catalog, "")
        database = f"{prefix}database/{self.database}"
        return [database, f"{prefix}table/{self.database}/{self.table}"] if self.table else [database]


def shown_columns(world: World, principal: str, place: Place) -> list[str] | None:
    """The data columns, in the table's order; None for a table that is not there or must not be seen."""
    table = _table(world, place)
    if table is None:
        return None
    columns = [
        column["Name"].lower() for column in table.body.get("StorageDescriptor", {}).get("Columns", [])
    ]
    made = _is_home(principal, place) and table.creator == principal
    if made or _sees_all(world, principal, place):
        return columns
    shown: set[str] = set().union(*_held(_Asked(world, principal, place, table, tuple(columns))).values())
    return [column for column in columns if column in shown] or None


def sees_database(world: World, principal: str, place: Place) -> bool:
    database = _database(world, place)
    if database is None:
        return False
    if _sees_all(world, principal, place):
        return True
    home = _is_home(principal, place)
    if home and principal in {database.creator, *(table.creator for table in database.tables.values())}:
        return True
    asked = _Asked(world, principal, place)
    if any(_held(asked).values()):
        return True
    tables = [replace(place, table=name) for name in database.tables]
    return home and (
        any(shown_columns(world, principal, table) is not None for table in tables)
        or any(
            _lies_inside(row, place)
            for row in _of(world, place.catalog, place, asked.names | {oracle_columns.EVERYONE})
        )
    )


def _sees_all(world: World, principal: str, place: Place) -> bool:
    return _is_home(principal, place) and _administers(world, principal, place.region)


def _administers(world: World, principal: str, region: str) -> bool:
    """Also to look only."""
    account = _account(principal)
    book = world.stores["lakeformation"].books.get((account, region))
    listed = [*book.settings["DataLakeAdmins"], *book.settings["ReadOnlyAdmins"]] if book else []
    named = {one["DataLakePrincipalIdentifier"] for one in listed}
    return principal in named | {partitions.root_arn(account, region)}


@dataclass(frozen=True)
class _Asked:
    """What is asked for. A database's permissions show as the one nameless column."""

    world: World
    principal: str
    place: Place
    table: Any = None
    columns: tuple[str, ...] = ("",)

    @property
    def account(self) -> str:
        return _account(self.principal)

    @property
    def names(self) -> set[str]:
        """By which it can be granted something: its own, and as one of its account's IAM principals."""
        return {self.principal, f"{self.account}:IAMPrincipals"}


def _held(asked: _Asked) -> Reach:
    def reach(rows: Iterable[Any]) -> Reach:
        return _united(_reach(asked, row) for row in rows)

    world, place = asked.world, asked.place
    if _is_home(asked.principal, place):
        everyone = set() if _left_everyone(asked) else {oracle_columns.EVERYONE}
        return reach(_of(world, place.catalog, place, asked.names | everyone))
    shared = [row for row in _rows(world, place.catalog, place) if _is_shared(world, row, place)]
    direct = reach(row for row in shared if row.principal in asked.names)
    to_account = reach(row for row in shared if _means(world, row.principal, asked.account, place.catalog))
    if _administers(world, asked.principal, place.region):
        return _united([direct, to_account])
    local = reach(_of(world, asked.account, place, asked.names))
    passed_on = {verb: found & local.get(verb, set()) for verb, found in to_account.items()}
    return _united([direct, passed_on])


def _reach(asked: "_Asked", row: Any) -> Reach:
    resource, kind = row.resource, row.resource.kind.value
    if resource.catalog_id != asked.place.catalog:
        return {}
    if kind.startswith("LF_TAG_POLICY"):
        return _by_tags(asked, row)
    if resource.database != asked.place.database:
        return {}
    if not asked.place.table:
        return _all_of(row, OF_DATABASE, asked) if kind == "DATABASE" else {}
    if resource.table != asked.place.table and not resource.is_all_tables:
        return {}
    return _by_filter(asked, row) if kind == "DATA_CELLS_FILTER" else _by_name(asked, row)


def _by_name(asked: "_Asked", row: Any) -> Reach:
    if row.resource.kind.value != "TABLE":
        return {}
    by_name = [
        {"SELECT": _chosen(selection.columns, asked.columns)}
        for selection in row.selections
        if selection.held
    ]
    return _united([_all_of(row, OF_TABLE, asked), *by_name])


def _by_filter(asked: "_Asked", row: Any) -> Reach:
    found = _filter(asked, row.resource)
    keys = {partition_key["Name"].lower() for partition_key in asked.table.body.get("PartitionKeys", [])}
    if found is None or "SELECT" not in row.verbs:
        return {}
    if not policy_texts.list_named_columns(found.expression) <= keys | set(asked.columns):
        return {}
    return {"SELECT": _chosen(found.columns, asked.columns)}


def _by_tags(asked: "_Asked", row: Any) -> Reach:
    wanted = "LF_TAG_POLICY_TABLE" if asked.place.table else "LF_TAG_POLICY_DATABASE"
    expression = _expression(asked, row.resource)
    if row.resource.kind.value != wanted or not expression:
        return {}
    if not asked.place.table:
        return _all_of(row, OF_DATABASE, asked) if _fits(asked, expression, "") else {}
    fitting = {column for column in asked.columns if _fits(asked, expression, column)}
    verbs, every = _expanded(row.verbs, OF_TABLE), set(asked.columns)
    found = {"SELECT": fitting} if "SELECT" in verbs else {}
    others = verbs - {"SELECT"} if _fits(asked, expression, "") else set()
    if fitting != every and found.get("SELECT"):
        others -= {"DESCRIBE"}
    if fitting and asked.world.switches.tagged_columns_describe_table:
        others |= verbs & {"DESCRIBE"}
    return found | {verb: set(every) for verb in others}


def _expression(asked: "_Asked", policy: Any) -> Any:
    if not policy.expression_name:
        return policy.expression
    found = _book(asked.world, asked.place.catalog, asked.place.region).expressions.get(
        policy.expression_name
    )
    return found.body if found else ()


def _fits(asked: "_Asked", expression: Any, column: str) -> bool:
    """A column carries its table's tags, a table its database's, where it has no other value of its own."""
    tagged, place = _book(asked.world, asked.place.catalog, asked.place.region).tagged, asked.place
    tags: dict[str, str] = {}
    for carrier in dict.fromkeys((("", ""), (place.table, ""), (place.table, column))):
        tags |= tagged.get((place.database, *carrier), {})
    return all(key in tags and bool({"*", tags[key]} & set(values)) for key, values in expression)


def _all_of(row: Any, every: set[str], asked: "_Asked") -> Reach:
    return {verb: set(asked.columns) for verb in _expanded(row.verbs, every)}


def _expanded(verbs: set[str], every: set[str]) -> set[str]:
    return verbs & every if not {"ALL", "SUPER"} & verbs else set(every)


def _united(parts: Iterable[Reach]) -> Reach:
    found: Reach = {}
    for part in parts:
        for verb, columns in part.items():
            found.setdefault(verb, set()).update(columns)
    return found


def _chosen(chosen: Any, columns: Iterable[str]) -> set[str]:
    """None is all."""
    return {column for column in columns if chosen is None or (column in chosen.names) != chosen.excluding}


def _filter(asked: _Asked, resource: Any) -> Any | None:
    """The owner's of that name, else the one that the principal's account made."""
    place = asked.place
    for account in (place.catalog, asked.account):
        book = _book(asked.world, account, place.region)
        for table, filters in book.filters.items() if book else ():
            there = (table.catalog_id, table.database, table.table)
            if there == (place.catalog, place.database, place.table) and resource.filter in filters:
                return filters[resource.filter]
    return None


def _left_everyone(asked: _Asked) -> bool:
    place, book = asked.place, _book(asked.world, asked.place.catalog, asked.place.region)
    if asked.table is None or book is None:
        return False
    location = asked.table.body.get("StorageDescriptor", {}).get("Location", "")
    path = partitions.s3_arn(place.region, location.partition("://")[2].rstrip("/") + "/")
    around = [arn for arn in book.locations if path.startswith(arn.rstrip("/") + "/")]
    if not around or not book.locations[max(around, key=len)].body.get("HybridAccessEnabled"):
        return False
    on = {
        (one.kind.value, one.table)
        for who, one in book.opt_ins
        if who == asked.principal and (one.catalog_id, one.database) == (place.catalog, place.database)
    }
    return ("TABLE", place.table) in on or {("TABLE", "ALL_TABLES"), ("DATABASE", "")} <= on


def _is_shared(world: World, row: Any, place: Place) -> bool:
    if not row.receiver:
        return True
    return any(
        (share.owner, share.receiver, share.region) == (place.catalog, row.receiver, place.region)
        and (share.status, share.association) == ("ACTIVE", "ASSOCIATED")
        and all(any(fnmatchcase(arn, resource) for resource in share.resources) for arn in place.arns())
        for share in world.stores["ram"].shares.values()
    )


def _book(world: World, account: str, region: str) -> Any:
    return world.stores["lakeformation"].books.get((account, region))


def _rows(world: World, account: str, place: Place) -> list[Any]:
    book = _book(world, account, place.region)
    return list(book.by_serial.values()) if book else []


def _of(world: World, account: str, place: Place, names: set[str]) -> Iterator[Any]:
    return (row for row in _rows(world, account, place) if row.principal in names)


def _lies_inside(row: Any, place: Place) -> bool:
    inside = row.resource.kind.value in {"TABLE", "DATA_CELLS_FILTER"}
    return inside and (row.resource.catalog_id, row.resource.database) == (place.catalog, place.database)


def _means(world: World, principal: str, account: str, owner: str) -> bool:
    if ":organizations:" in principal:
        return {account, owner} <= world.organisation
    return principal == account


def _is_home(principal: str, place: Place) -> bool:
    return _account(principal) == place.catalog


def _account(principal: str) -> str:
    return principal.split(":")[4]


def _database(world: World, place: Place) -> Any | None:
    return world.stores["glue"].catalogs.get((place.catalog, place.region), {}).get(place.database)


def _table(world: World, place: Place) -> Any | None:
    database = _database(world, place)
    return database.tables.get(place.table) if database else None
