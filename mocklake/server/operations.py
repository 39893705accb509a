"""The operations that mocklake answers by handlers of its own.

Athena, crawlers, data quality and column statistics read objects by DuckDB, which the extra `athena` brings.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mocklake import cloudtrail, events, glue, lakeformation, protocols, ram, servicequotas, sts
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.optional_packages import HAS_QUERIES
from mocklake.served_call import Happening
from mocklake.world import World

Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]
HANDLERS: dict[str, dict[str, Handler]] = {
    "lakeformation": lakeformation.HANDLERS,
    "ram": ram.HANDLERS,
    "glue": glue.HANDLERS,
    "athena": {},
    "sts": sts.HANDLERS,
    "events": events.HANDLERS,
    "cloudtrail": cloudtrail.HANDLERS,
    "servicequotas": servicequotas.HANDLERS,
}
STORES: dict[str, Callable[[], Any]] = {
    "lakeformation": lakeformation.new_store,
    "ram": ram.new_store,
    "glue": glue.new_store,
    "sts": sts.new_store,
    "events": events.new_store,
    "cloudtrail": cloudtrail.new_store,
    "servicequotas": servicequotas.new_store,
}
if HAS_QUERIES:
    from mocklake import athena, glue_runs

    HANDLERS |= {"glue": glue.HANDLERS | glue_runs.HANDLERS, "athena": athena.HANDLERS}
    STORES["athena"] = athena.new_store


def find_handler(service: str, operation: str) -> Handler:
    """Raises MocklakeNotImplemented, which names the extra where one is missing."""
    found = HANDLERS[service].get(operation)
    if found is None:
        raise _missing(service, operation)
    return found


def _missing(service: str, operation: str) -> AwsError:
    error = protocols.not_implemented(service, operation)
    if HAS_QUERIES or service not in ("athena", "glue"):
        return error
    extra = "Athena, crawlers, data quality and column statistics need pip install 'mocklake[athena]'"
    return AwsError(error.code, f"{error.message}: {extra}", status=error.status)


def find_due_run(world: World) -> datetime | None:
    """When the next crawler or other run ends."""
    return glue_runs.find_due(world) if HAS_QUERIES else None


def settle_runs(world: World, tell: Callable[[Happening], None]) -> bool:
    """Ends the crawlers and other runs that are due; whether there was any."""
    return HAS_QUERIES and glue_runs.settle(world, tell)
