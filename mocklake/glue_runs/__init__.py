"""What Glue runs over objects, begun by one call and done a while later: crawlers, data quality, column statistics.

Apart from `mocklake.glue`, as it reads through Athena's reader, which stands on the catalog.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mocklake.glue import tagging
from mocklake.glue_runs import crawlers, crawling, quality_runs, rulesets, running, statistics_runs
from mocklake.glue_runs.crawlers import get_crawlers_of
from mocklake.glue_runs.rulesets import get_quality
from mocklake.iam.callers import Caller
from mocklake.served_call import Happening
from mocklake.world import World


def _crawler_tags(world: World, account: str, region: str, name: str) -> dict[str, str] | None:
    found = get_crawlers_of(world, account, region).get(name)
    return None if found is None else found.body.setdefault("Tags", {})


def _ruleset_tags(world: World, account: str, region: str, name: str) -> dict[str, str] | None:
    found = get_quality(world, account, region).rulesets.get(name)
    return None if found is None else found.body.setdefault("Tags", {})


HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    **crawlers.HANDLERS,
    **quality_runs.HANDLERS,
    **rulesets.HANDLERS,
    **statistics_runs.HANDLERS,
    **tagging.handlers({**tagging.OF_CATALOG, "crawler": _crawler_tags, "dataQualityRuleset": _ruleset_tags}),
}
_FINISHERS: dict[str, Callable[[World, running.Key], None]] = {
    crawlers.KIND: crawling.finish,
    quality_runs.KIND: quality_runs.finish,
    statistics_runs.KIND: statistics_runs.finish,
}


def settle(world: World, tell: Callable[[Happening], None]) -> bool:
    """Brings what is due by mocklake's clock; whether anything was. `tell` gets every call that a run made."""
    return running.settle_runs(world, _FINISHERS, tell)


def find_due(world: World) -> datetime | None:
    """When the next run ends."""
    return running.find_next_end(world)


__all__ = ["HANDLERS", "find_due", "settle"]
