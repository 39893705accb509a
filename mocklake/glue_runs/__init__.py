"""What Glue runs over objects, begun by one call and done a while later: crawlers, data quality, column statistics.

Apart from `mocklake.glue`, as it reads through Athena's reader, which stands on the catalog.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mocklake.glue import tagging
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
from mocklake.glue_runs.crawler_store import crawlers_of
from mocklake.glue_runs.quality_store import quality_of
from mocklake.iam.callers import Caller
from mocklake.served_call import Happening
from mocklake.world import World


def _crawler_tags(world: World, account: str, region: str, name: str) -> dict[str, str] | None:
    found = crawlers_of(world, account, region).get(name)
    return None if found is None else found.body.setdefault("Tags", {})


def _ruleset_tags(world: World, account: str, region: str, name: str) -> dict[str, str] | None:
    found = quality_of(world, account, region).rulesets.get(name)
    return None if found is None else found.body.setdefault("Tags", {})


HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    **crawlers.HANDLERS,
    **crawls.HANDLERS,
    **quality_results.HANDLERS,
    **quality_runs.HANDLERS,
    **rulesets.HANDLERS,
    **statistics_runs.HANDLERS,
    **tagging.handlers({**tagging.OF_CATALOG, "crawler": _crawler_tags, "dataQualityRuleset": _ruleset_tags}),
}
_FINISHERS: dict[str, Callable[[World, due.Key], None]] = {
    crawlers.KIND: crawling.finish,
    quality_runs.KIND: quality_runs.finish,
    statistics_runs.KIND: statistics_runs.finish,
}


def settle(world: World, tell: Callable[[Happening], None]) -> bool:
    """Brings what is due by mocklake's clock; whether anything was. `tell` gets every call that a run made."""
    return due.settle(world, _FINISHERS, tell)


def find_due(world: World) -> datetime | None:
    """When the next run ends."""
    return due.find_next(world)


__all__ = ["HANDLERS", "find_due", "settle"]
