"""SearchTables: text and predicates over the tables that a caller may see.

Source: Glue API reference, SearchTables. Catalogs nested in an account's own, S3 Tables among them, are not searched,
as in AWS. A predicate's key is a member of the table or one of its parameters; comparators other than EQUALS are
for times and numbers only. Assumed: what a text is looked for in, and that the order is by name without SortCriteria.
"""

import operator
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from mocklake.catalog_ids import path_of
from mocklake.errors import AwsError
from mocklake.glue import rendering
from mocklake.glue.access import catalog_of, seen_columns
from mocklake.glue.links import Target
from mocklake.glue.pages import page
from mocklake.glue.store import Table, catalog, find_table
from mocklake.iam.callers import Caller
from mocklake.ram.shares import owners_sharing_with
from mocklake.world import World

USUAL = 100
MOST = 1000
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}
TIMES = ("CreateTime", "UpdateTime", "LastAccessTime", "LastAnalyzedTime")
TEXTS = ("Name", "DatabaseName", "Description", "Owner", "TableType", "CreatedBy", "CatalogId")
_SPLIT = re.compile(r"[^a-z0-9]+")
Key = tuple[str, ...]
Place = tuple[str, str, str]
"""(catalog id, database, table)"""


def search_tables(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Of the own catalog; FOREIGN searches what other accounts share, ALL both."""
    sorting = (params.get("SortCriteria") or [{}])[0]
    found = {
        key: place
        for place in _places(world, caller, params)
        if (key := _hit(world, caller, place, params, sorting.get("FieldName", "Name"))) is not None
    }
    falls = sorting.get("Sort", "ASC") == "DESC"
    answers, more = page(
        world,
        caller,
        params | {"MaxResults": params.get("MaxResults", USUAL)},
        [list(key) for key in sorted(found, reverse=falls)],
        lambda key: _answer(world, caller, found[tuple(key)], params),
        listing="SearchTables",
        most=MOST,
        falls=falls,
    )
    return {"TableList": answers} | more


def _places(world: World, caller: Caller, params: dict[str, Any]) -> Iterator[Place]:
    shared = params.get("ResourceShareType")
    catalogs = [] if shared == "FOREIGN" else [catalog_of(caller, params)]
    if shared in ("FOREIGN", "ALL"):
        catalogs += owners_sharing_with(world, caller.account, caller.region)
    for catalog_id in (one for one in dict.fromkeys(catalogs) if not path_of(one)):
        for database in catalog(world, catalog_id, caller.region).values():
            yield from ((catalog_id, database.name, name) for name in database.tables)


def _hit(world: World, caller: Caller, place: Place, params: dict[str, Any], field: str) -> Key | None:
    """Where a table that fits and is seen stands in the order."""
    catalog_id, database, name = place
    table = find_table(world, catalog_id, caller.region, database, name)
    federated = params.get("ResourceShareType") == "FEDERATED"
    if table is None or (federated and "FederatedTable" not in table.body):
        return None
    columns = seen_columns(world, caller, Target(catalog_id, caller.region, database, None), name)
    if columns is None:
        return None
    members = _members(table, catalog_id, database)
    if not all(_passes(members, one) for one in params.get("Filters", ())):
        return None
    if not _holds(members, columns, params.get("SearchText", "")):
        return None
    value = members.get(field, "")
    return _sortable(value), *place


def _members(table: Table, catalog_id: str, database: str) -> dict[str, Any]:
    own = {
        "Name": table.name,
        "DatabaseName": database,
        "CatalogId": catalog_id,
        "CreatedBy": table.created_by,
        "CreateTime": table.created_at,
        "UpdateTime": table.updated_at,
    }
    said = {name: table.body[name] for name in (*TEXTS, *TIMES, "Retention") if name in table.body}
    return dict(table.body.get("Parameters", {})) | said | own


def _passes(members: dict[str, Any], predicate: dict[str, Any]) -> bool:
    """Texts match by one of their parts: `link` finds `customer-link` and not `customerlink`."""
    key, wanted = predicate.get("Key", ""), predicate.get("Value", "")
    comparator = predicate.get("Comparator", "EQUALS")
    if key in TIMES or key == "Retention":
        value = members.get(key)
        return value is not None and COMPARE[comparator](_number(value), _number(wanted))
    if comparator != "EQUALS":
        raise AwsError("InvalidInputException", f"Comparator {comparator} is for times only.")
    text = str(members.get(key, "")).lower()
    return wanted.lower() in (text, *_SPLIT.split(text)) if key in members else False


def _holds(members: dict[str, Any], columns: tuple[str, ...], wanted: str) -> bool:
    """In quotes one whole value, else every word somewhere."""
    values = [str(members[name]).lower() for name in TEXTS if name in members] + list(columns)
    asked = wanted.lower().strip()
    if len(asked) > 1 and asked[0] == asked[-1] == '"':
        return asked[1:-1] in values
    return all(any(word in value for value in values) for word in asked.split())


def _number(value: Any) -> float:
    """A time as seconds; InvalidInputException for a text that is neither a number nor an ISO time."""
    if isinstance(value, datetime):
        return value.timestamp()
    try:
        return float(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise AwsError("InvalidInputException", f"{value} is no time.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _sortable(value: Any) -> str:
    return f"{_number(value):024.6f}" if isinstance(value, (datetime, int, float)) else str(value).lower()


def _answer(world: World, caller: Caller, place: Place, params: dict[str, Any]) -> dict[str, Any] | None:
    catalog_id, database, name = place
    target = Target(catalog_id, caller.region, database, None)
    table = find_table(world, catalog_id, caller.region, database, name)
    columns = seen_columns(world, caller, target, name)
    if table is None or columns is None:
        return None
    answer = rendering.table_answer(world, caller, target, table, columns)
    details = {"Status": table.status} if params.get("IncludeStatusDetails", False) and table.status else {}
    return answer | details


HANDLERS = {"SearchTables": search_tables}
