"""GetTable and GetTables: the tables that a caller may see, alone and page by page."""

import re
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue import rendering
from mocklake.glue.access import catalog_of, database_place, seen_columns, seen_table, viewer_in
from mocklake.glue.links import Target
from mocklake.glue.pages import page
from mocklake.glue.store import Table, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import insufficient, sees_database
from mocklake.world import World

Seen = tuple[Table, tuple[str, ...]]
_WILDCARD = re.compile(r"(?<![.)\]}\\])\*")
"""An asterisk that repeats nothing but a plain character stands for any text."""


def get_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """With the columns that the caller may see; through links as the target's table."""
    place = database_place(world, caller, catalog_of(caller, params), params["DatabaseName"])
    seen = seen_table(world, caller, place, params["Name"])
    return {"Table": _answer(world, caller, place, seen, params)}


def get_tables(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Those that the caller may see, at most 100 a page; Expression is a pattern of the whole name.

    ResourceShareType=FEDERATED leaves those of a federated source (assumed to be the ones with a FederatedTable).
    """
    place = database_place(world, caller, catalog_of(caller, params), params["DatabaseName"])
    parent, pattern = find_database(world, place.catalog_id, place.region, place.database), _pattern(params)
    federated = params.get("ResourceShareType") == "FEDERATED"

    def load(name: str) -> Seen | None:
        fits = pattern is None or pattern.fullmatch(name)
        return _seen(world, caller, place, name, federated=federated) if fits else None

    names = parent.names if parent else []
    found, more = page(world, caller, params, names, load, listing="GetTables")
    if not found:
        _require_database(world, caller, place)
    return {"TableList": [_answer(world, caller, place, one, params) for one in found]} | more


def _answer(
    world: World, caller: Caller, place: Target, seen: Seen, params: dict[str, Any]
) -> dict[str, Any]:
    table, columns = seen
    chosen = params.get("AttributesToGet") or []
    if rendering.is_brief(chosen):
        return rendering.brief(table, chosen)
    answer = rendering.table_answer(world, caller, place, table, columns)
    if "LATEST_ICEBERG_METADATA" in chosen and table.iceberg:
        answer["IcebergTableMetadata"] = table.iceberg
    if params.get("IncludeStatusDetails", False) and table.status:
        answer["Status"] = table.status
    return answer


def _seen(world: World, caller: Caller, place: Target, name: str, *, federated: bool) -> Seen | None:
    found = find_table(world, place.catalog_id, place.region, place.database, name)
    if found is None or (federated and "FederatedTable" not in found.body):
        return None
    columns = seen_columns(world, caller, place, name)
    return None if columns is None else (found, columns)


def _require_database(world: World, caller: Caller, place: Target) -> None:
    viewer = viewer_in(caller, place.region)
    if not sees_database(world, viewer, catalog_id=place.catalog_id, database=place.database):
        raise insufficient("Describe", place.database)


def _pattern(params: dict[str, Any]) -> re.Pattern[str] | None:
    expression = params.get("Expression")
    if not expression:
        return None
    try:
        return re.compile(_WILDCARD.sub(".*", expression), re.IGNORECASE)
    except re.error as error:
        raise AwsError("InvalidInputException", f"Invalid expression: {expression}") from error


HANDLERS = {"GetTable": get_table, "GetTables": get_tables}
