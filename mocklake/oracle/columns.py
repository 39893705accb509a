"""Can a principal read a column, and why: judged apart from the request path, so that the two can disagree.

It knows the stores' rows and nothing of `lakeformation.authority`. Rules, from AWS's developer guide:
SELECT comes from a row on the table or on all tables of its database; a creator holds everything;
IAMAllowedPrincipals means everyone of the owning account; across accounts the RAM share must be accepted;
what was granted to an account reaches a principal only together with a grant inside that account;
partition keys come with any column; administrators read nothing by that alone. A data cells filter gives its
columns on the rows that pass its expression; without a row the question is whether any row could be read. By a column
that the table has no longer it gives nothing.
An LF-Tag policy on tables gives the columns whose tags, their own over the table's over the database's, have
for every key of its expression one of the values. On a location in hybrid access mode all this holds for those
who opted in to the table; for others of the owning account only what everyone holds, which IAM then decides.
Row-level security policies narrow all this to the rows that one of them passes; see `rls_policies`.
A nested catalog's super user reads all that lies in it. A view is read together with the tables beneath it, those
as its definer or, for an Athena view, as the principal itself.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from mocklake import partitions
from mocklake.oracle import policy_texts
from mocklake.world import World

EVERYONE = "IAM_ALLOWED_PRINCIPALS"


@dataclass(frozen=True)
class Verdict:
    """`reasons` are sentences: every path that allows, or all that is missing."""

    allowed: bool
    reasons: list[str]


@dataclass(frozen=True)
class _Place:
    """A table where it really is; links are followed by whoever asks."""

    catalog: str
    region: str
    database: str
    table: str

    @property
    def owner(self) -> str:
        """The account; `catalog` has the path of a nested catalog behind it."""
        return self.catalog.partition(":")[0]

    @property
    def tagged_database(self) -> str:
        path = self.catalog.partition(":")[2]
        return f"{path}\0{self.database}" if path else self.database

    def arns(self) -> tuple[str, ...]:
        """What must be shared; of a nested catalog itself too."""
        path = self.catalog.partition(":")[2]
        prefix, below = self._arn(""), f"{path}/" if path else ""
        above = (f"{prefix}catalog/{path}",) if path else ()
        inside = f"{below}{self.database}"
        return (*above, f"{prefix}database/{inside}", f"{prefix}table/{inside}/{self.table}")

    def touched(self) -> tuple[str, str, tuple[str, ...]]:
        """Account, region and ARNs that a resource policy is asked about."""
        return self.owner, self.region, (self._arn("catalog"), *self.arns())

    def _arn(self, resource: str) -> str:
        return partitions.regional_arn("glue", self.region, self.owner, resource)


@dataclass(frozen=True)
class _Question:
    """`column` is a data column; `row` has values by column name, None for any row. `unfiltered`: filters of some rows do not
    count.
    """

    principal: str
    place: _Place
    column: str
    columns: list[str]
    row: Mapping[str, Any] | None
    unfiltered: bool = False

    @property
    def account(self) -> str:
        return self.principal.split(":")[4]

    @property
    def names(self) -> tuple[str, str]:
        return self.principal, f"{self.account}:IAMPrincipals"


def can_read(  # noqa: PLR0917
    world: World,
    principal: str,
    catalog: str,
    region: str,
    database: str,
    table: str,
    column: str,
    *,
    row: Mapping[str, Any] | None = None,
    depth: int = 0,
) -> Verdict:
    """For a table that is not there, or has no such column, the answer is no; `depth` counts views above it."""
    place = _Place(catalog, region, database.lower(), table.lower())
    found = _table(world, place)
    data, keys = _columns(found) if found else ([], [])
    if column.lower() not in (*data, *keys):
        return Verdict(allowed=False, reasons=[f"{place.catalog} has no {database}.{table}.{column}"])
    wanted = data if column.lower() in keys else [column.lower()]
    values = _typed(found, row) if row is not None else None
    asked = [_Question(principal, place, one, data, values) for one in wanted]
    if values is not None and world.switches.cells_outside_filters == "absent":
        hidden = _hidden_beside(world, found, asked[0])
        if hidden:
            return Verdict(allowed=False, reasons=[f"the row is absent, as {hidden} is outside the filters"])
    verdict = _judged(world, found, asked)
    view = policy_texts.read_view(found, place.database)
    return _beneath(world, asked[0], view, depth) or verdict if view and verdict.allowed else verdict


def _beneath(world: World, asked: _Question, view: policy_texts.View, depth: int) -> Verdict | None:
    """What a view's reader lacks on the tables that it reads; None for nothing."""
    if view.text is None or depth >= policy_texts.MAX_VIEW_DEPTH:
        reason = "the view has no text that Athena can run" if view.text is None else "views are too deep"
        return Verdict(allowed=False, reasons=[reason])
    reader = view.definer or asked.principal
    for database, table in view.tables():
        place = _linked(world, replace(asked.place, database=database, table=table))
        found = _table(world, place)
        columns, keys = _columns(found) if found else ([], [])
        if found is None:
            return Verdict(allowed=False, reasons=[f"the view reads {database}.{table}, which is not there"])
        needed = view.needed([*columns, *keys])
        where = (place.catalog, place.region, place.database, place.table)
        below = [can_read(world, reader, *where, column, depth=depth + 1) for column in needed or columns]
        lacking = [one for one in below if not one.allowed]
        if lacking and (needed or len(lacking) == len(below)):
            text = f"the view reads {database}.{table} as {reader}: {lacking[0].reasons[0]}"
            return Verdict(allowed=False, reasons=[text])
    return None


def _linked(world: World, place: _Place) -> _Place:
    """Where a database link leads, by one step."""
    databases = world.stores["glue"].catalogs.get((place.catalog, place.region), {})
    found = databases.get(place.database)
    link = found.body.get("TargetDatabase") if found else None
    if link is None:
        return place
    catalog, region = link.get("CatalogId") or place.owner, link.get("Region") or place.region
    return replace(place, catalog=catalog, region=region, database=link["DatabaseName"].lower())


def _judged(world: World, table: Any, questions: list[_Question]) -> Verdict:
    """Whether any of these can be answered with yes, by grants as policies leave them."""
    granted = _granted(world, table, questions)
    asked = questions[0]
    if _is_hybrid(world, table, asked.place) and not _opted_in(world, asked):
        return granted
    policies = policy_texts.find_applying(world, asked.place, asked.account, asked.names)
    if not policies:
        return granted
    columns = _all_columns(world, asked)
    passed = [policy.name for policy in policies if policy_texts.passes_policy(policy, columns, asked.row)]
    if any(_left(world, table, question, is_passed=bool(passed)) for question in questions):
        told = f"row-level security policy {', '.join(passed)} passes it" if passed else "a filter shows it"
        return replace(granted, allowed=True, reasons=sorted({*granted.reasons, told}))
    named = ", ".join(policy.name for policy in policies)
    missing = [f"row-level security policy {named} hides the row"] if granted.allowed else granted.reasons
    return Verdict(allowed=False, reasons=missing)


def _left(world: World, table: Any, one: _Question, *, is_passed: bool) -> bool:
    """Whether policies, of which one passes the row or none, leave the cell."""
    shows_all = _granted(world, table, [replace(one, row=None, unfiltered=True)]).allowed
    shown = _granted(world, table, [one]).allowed
    if shows_all or world.switches.rls_policies_with_filters == "intersection":
        return shown and is_passed
    return shown or (is_passed and _granted(world, table, [replace(one, row=None)]).allowed)


def _granted(world: World, table: Any, questions: list[_Question]) -> Verdict:
    """Whether any of these can be answered with yes."""
    paths: list[str] = []
    missing: list[str] = []
    for question in questions:
        for allowed, reason in _paths(world, table, question):
            (paths if allowed else missing).append(reason)
    if paths:
        return Verdict(allowed=True, reasons=sorted(set(paths)))
    return Verdict(allowed=False, reasons=sorted(set(missing)) or ["no row grants SELECT on this column"])


def _hidden_beside(world: World, table: Any, asked: _Question) -> str | None:
    """A column that can be read in other rows, but not in this one."""
    for column in asked.columns:
        here = replace(asked, column=column)
        elsewhere = replace(here, row=None)
        if _judged(world, table, [elsewhere]).allowed and not _judged(world, table, [here]).allowed:
            return column
    return None


def _typed(table: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """Dates and times may come as text."""
    described = table.body.get("StorageDescriptor", {}).get("Columns", []) + table.body.get(
        "PartitionKeys", []
    )
    types = {one["Name"].lower(): one.get("Type", "") for one in described}
    readers = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat}
    values: dict[str, Any] = {name.lower(): value for name, value in row.items()}
    for name, value in values.items():
        if isinstance(value, str) and types.get(name) in readers:
            values[name] = readers[types[name]](value)
    return values


def _table(world: World, place: _Place) -> Any | None:
    databases = world.stores["glue"].catalogs.get((place.catalog, place.region), {})
    database = databases.get(place.database)
    return database.tables.get(place.table) if database else None


def _columns(table: Any) -> tuple[list[str], list[str]]:
    described = table.body.get("StorageDescriptor", {}).get("Columns", [])
    keys = table.body.get("PartitionKeys", [])
    return [one["Name"].lower() for one in described], [key["Name"].lower() for key in keys]


def _all_columns(world: World, asked: _Question) -> set[str]:
    found = _table(world, asked.place)
    data, keys = _columns(found) if found else ([], [])
    return {*data, *keys}


def _paths(world: World, table: Any, asked: _Question) -> Iterator[tuple[bool, str]]:
    """(whether it allows, what it is) for each way in which the principal might reach the column."""
    at_home = asked.account == asked.place.owner
    is_hybrid = _is_hybrid(world, table, asked.place)
    through_iam = is_hybrid and not _opted_in(world, asked)
    if through_iam and not at_home:
        yield False, "the location is in hybrid access mode and the principal did not opt in"
    if (
        at_home
        and table.creator == asked.principal
        and not (through_iam or asked.principal.endswith(":root"))
    ):
        yield True, "it created the table"
    for row in _selecting(world, asked.place.owner, asked):
        is_everyone = row.principal == EVERYONE
        if (through_iam and not is_everyone) or (is_hybrid and not through_iam and is_everyone):
            continue
        yield from _by_row(world, row, asked, at_home=at_home)


def _by_row(world: World, row: Any, asked: _Question, *, at_home: bool) -> Iterator[tuple[bool, str]]:
    account = asked.account
    share = at_home or _is_shared(world, row, asked.place)
    unshared = f"the share with {row.receiver} is not accepted or does not hold the table"
    if row.principal in asked.names or (at_home and row.principal == EVERYONE):
        yield share, _said(row) if share else unshared
    elif row.principal == EVERYONE:
        opened = policy_texts.opens(world, *asked.place.touched(), asked.principal)
        yield (
            opened,
            f"{_said(row)}, and the catalog's resource policy opens it" if opened else "no policy opens it",
        )
    elif not at_home and _means_account(world, row.principal, account, asked.place.owner):
        if not share:
            yield False, unshared
            return
        local = [one for one in _selecting(world, account, asked) if one.principal in asked.names]
        passed_on = _said(local[0]) if local else "nobody passed it on"
        yield bool(local), f"{_said(row)}, and in {account} {passed_on}"


def _is_hybrid(world: World, table: Any, place: _Place) -> bool:
    """By the longest registered location in which the table lies."""
    location = table.body.get("StorageDescriptor", {}).get("Location", "")
    source = table.body.get("FederatedTable", {}).get("Identifier", "")
    path = location.partition("://")[2].strip("/").split("/")
    book = world.stores["lakeformation"].books.get((place.owner, place.region))
    best, start = (0, False), f"arn:{partitions.of_region(place.region)}:"
    for arn, registered in book.locations.items() if book and (location or source) else ():
        parts = arn.removeprefix(f"{start}s3:::").strip("/").split("/")
        bucket = arn.startswith(f"{start}s3tables:") and source.startswith(arn.removesuffix("*"))
        if bucket or path[: len(parts)] == parts:
            best = max(best, (len(parts), bool(registered.body.get("HybridAccessEnabled"))))
    return best[1]


def _opted_in(world: World, asked: _Question) -> bool:
    """By the owner, for the principal or its account, or by the principal's own account."""
    names = {asked.principal}
    if world.switches.account_opt_ins:
        names |= {asked.account} - {asked.place.owner}
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for account in {asked.place.owner, asked.account}:
        book = world.stores["lakeformation"].books.get((account, asked.place.region))
        for who, on in book.opt_ins if book else ():
            if who in names and (on.catalog_id, on.database) == (asked.place.catalog, asked.place.database):
                found.setdefault((account, who), set()).add((on.kind.value, on.table))
    every = {("TABLE", "ALL_TABLES"), ("DATABASE", "")}
    return any(("TABLE", asked.place.table) in held or every <= held for held in found.values())


def _selecting(world: World, account: str, asked: _Question) -> list[Any]:
    """Rows in an account's book that give SELECT on the column to whomever they name."""
    book = world.stores["lakeformation"].books.get((account, asked.place.region))
    rows = book.by_serial.values() if book else ()
    return [row for row in rows if _selects(world, row, asked)]


def _selects(world: World, row: Any, asked: _Question) -> bool:
    kind, where = row.resource.kind.value, row.resource.catalog_id
    if row.condition:
        return False
    if kind == "CATALOG":
        around = where != asked.place.owner and f"{asked.place.catalog}/".startswith(f"{where}/")
        return "SUPER_USER" in row.verbs and around
    if where != (asked.place.owner if kind == "LF_TAG_POLICY_TABLE" else asked.place.catalog):
        return False
    if kind == "LF_TAG_POLICY_TABLE":
        return bool({"SELECT", "ALL"} & row.verbs) and _carries(world, row.resource, asked)
    if kind == "DATA_CELLS_FILTER":
        return "SELECT" in row.verbs and _passes_filter(world, row.resource, asked)
    return kind == "TABLE" and _selects_by_name(row, asked)


def _selects_by_name(row: Any, asked: _Question) -> bool:
    same_table = row.resource.table == asked.place.table or row.resource.is_all_tables
    if row.resource.database != asked.place.database or not same_table:
        return False
    if {"SELECT", "ALL", "SUPER"} & row.verbs:
        return True
    held = [selection.columns for selection in row.selections if selection.held]
    return any(_names(one, asked) for one in held)


def _carries(world: World, policy: Any, asked: _Question) -> bool:
    place = asked.place
    book = world.stores["lakeformation"].books[place.owner, place.region]
    tags: dict[str, str] = {}
    for carrier in (("", ""), (place.table, ""), (place.table, asked.column)):
        tags.update(book.tagged.get((place.tagged_database, *carrier), {}))
    wanted = policy.expression
    if policy.expression_name:
        named = book.expressions.get(policy.expression_name)
        wanted = named.body if named else ()
    for key, values in wanted:
        if key not in tags or ("*" not in values and tags[key] not in values):
            return False
    return len(wanted) > 0


def _names(columns: Any, asked: _Question) -> bool:
    return (asked.column in columns.names) != columns.excluding and asked.column in asked.columns


def _passes_filter(world: World, named: Any, asked: _Question) -> bool:
    """The owner's filter of that name, else the one that the reader's account made."""
    books = world.stores["lakeformation"].books
    if (named.database, named.table) != (asked.place.database, asked.place.table):
        return False
    for account in (asked.place.owner, asked.account):
        book = books.get((account, asked.place.region))
        for table, filters in book.filters.items() if book else ():
            there = (table.catalog_id, table.database, table.table)
            if there == (named.catalog_id, named.database, named.table) and named.filter in filters:
                return _passes(world, filters[named.filter], asked)
    return False


def _passes(world: World, found: Any, asked: _Question) -> bool:
    in_columns = found.columns is None or _names(found.columns, asked)
    if asked.unfiltered and found.expression is not None:
        return False
    if not policy_texts.list_named_columns(found.expression) <= _all_columns(world, asked):
        return False
    return in_columns and (asked.row is None or policy_texts.passes_filter(found.expression, asked.row))


def _means_account(world: World, principal: str, account: str, owner: str) -> bool:
    if ":organizations:" in principal:
        return {account, owner} <= world.organisation
    return principal == account


def _is_shared(world: World, row: Any, place: _Place) -> bool:
    if row.by_policy:
        return _is_opened_by_policy(world, row.receiver, place)
    for share in world.stores["ram"].shares.values():
        belongs = (share.owner, share.receiver, share.region) == (place.owner, row.receiver, place.region)
        if not belongs or (share.status, share.association) != ("ACTIVE", "ASSOCIATED"):
            continue
        wanted = place.arns()
        if all(any(fnmatchcase(arn, shared) for shared in share.resources) for arn in wanted):
            return True
    return False


def _is_opened_by_policy(world: World, account: str, place: _Place) -> bool:
    """Some statement lets the account act on the table for grants by tags, and none denies it anything."""
    policies = world.stores.get("glue.policies")
    found = policies.by_place.get((place.catalog, place.region)) if policies else None
    rules = json.loads(found.text)["Statement"] if found else []
    named = [rule for rule in ([rules] if isinstance(rules, dict) else rules) if account in json.dumps(rule)]
    table = place.arns()[1]
    return bool(named) and all(
        rule["Effect"] == "Allow" and any(fnmatchcase(table, one) for one in _many(rule["Resource"]))
        for rule in named
    )


def _many(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _said(row: Any) -> str:
    if row.resource.kind.value == "LF_TAG_POLICY_TABLE":
        pairs = [f"{key} in ({', '.join(values)})" for key, values in row.resource.expression]
        return f"{row.principal} holds SELECT by {row.resource.expression_name or ' and '.join(pairs)}"
    if row.resource.kind.value == "CATALOG":
        return f"{row.principal} is super user of {row.resource.catalog_id}"
    if row.resource.filter:
        return f"{row.principal} holds SELECT through filter {row.resource.filter} on {row.resource.table}"
    what = "all tables" if row.resource.is_all_tables else row.resource.table
    return f"{row.principal} holds SELECT on {row.resource.database}.{what}"
