"""What Glue runs over objects, begun by one call and done a while later: crawlers, data quality, column statistics.

Apart from `mocklake.glue`, as it reads through Athena's reader, which stands on the catalog.
"""

from collections.abc import Callable
from typing import Any

from mocklake.glue_runs import (
    crawlers,
    crawling,
    crawls,
    due,
    quality_results,
    quality_runs,
    rulesets,
    statistics_runs,
)
from mocklake.iam.callers import Caller
from mocklake.served_call import Happening
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    **crawlers.HANDLERS,
    **crawls.HANDLERS,
    **quality_results.HANDLERS,
    **quality_runs.HANDLERS,
    **rulesets.HANDLERS,
    **statistics_runs.HANDLERS,
}
_FINISHERS: dict[str, Callable[[World, due.Key], None]] = {
    crawlers.KIND: crawling.finish,
    quality_runs.KIND: quality_runs.finish,
    statistics_runs.KIND: statistics_runs.finish,
}


def settle(world: World, tell: Callable[[Happening], None]) -> bool:
    """Brings what is due by mocklake's clock; whether anything was. `tell` gets every call that a run made."""
    return due.settle(world, _FINISHERS, tell)


__all__ = ["HANDLERS", "settle"]
