"""What crawlers did: their history and their figures."""

import json
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from statistics import median
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue_runs import due
from mocklake.glue_runs.crawler_store import Crawl, Crawler, crawlers_of
from mocklake.glue_runs.crawlers import find
from mocklake.glue_runs.fitting_errors import fitted
from mocklake.iam.callers import Caller
from mocklake.world import World

_COMPARE = {"GT": gt, "GE": ge, "LT": lt, "LE": le, "EQ": eq, "NE": ne}


def list_crawls(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first, 20 a page unless more are asked for, those that pass every filter."""
    crawls = find(world, caller, params["CrawlerName"]).crawls
    by_age = {-number: crawl for number, crawl in enumerate(crawls)}
    filters = params.get("Filters", [])

    def load(number: int) -> Crawl | None:
        return by_age[number] if all(_passes(by_age[number], one) for one in filters) else None

    asked = {"MaxResults": 20} | params
    found, more = page(world, caller, asked, sorted(by_age), load, listing="ListCrawls")
    return {"Crawls": [_answer(one) for one in found]} | more


def get_crawler_metrics(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Of the crawlers that are named, or of all; a name that is not known is left out (assumed)."""
    crawlers = crawlers_of(world, caller.account, caller.region)
    wanted = set(params.get("CrawlerNameList") or crawlers)
    names = sorted(wanted & set(crawlers))
    found, more = page(
        world,
        caller,
        params,
        names,
        lambda name: _metrics(world, crawlers[name]),
        listing="GetCrawlerMetrics",
    )
    return {"CrawlerMetricsList": found} | more


def _passes(crawl: Crawl, condition: dict[str, str]) -> bool:
    """Times are milliseconds since 1970, as the model has them as text."""
    value = condition.get("FieldValue", "")
    compare = _COMPARE[condition.get("FilterOperator", "EQ")]
    match condition.get("FieldName"):
        case "CRAWL_ID":
            return bool(compare(crawl.id, value))
        case "STATE":
            return bool(compare(crawl.state, value))
        case "START_TIME" | "END_TIME" as name:
            moment = crawl.started_at if name == "START_TIME" else crawl.ended_at
            return moment is not None and bool(compare(_milliseconds(moment), _number(value)))
        case _:
            return bool(compare(0.0, _number(value)))


def _milliseconds(moment: datetime) -> float:
    return moment.timestamp() * 1000


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise AwsError("InvalidInputException", f"{value} is no number.") from error


def _answer(crawl: Crawl) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "CrawlId": crawl.id,
        "State": crawl.state,
        "StartTime": crawl.started_at,
        "DPUHour": 0.0,
    }
    if crawl.ended_at:
        tables = {"ADD": crawl.created, "UPDATE": crawl.updated, "DELETE": crawl.deleted}
        details = {
            name: {"Count": len(found), "Details": {"names": found}}
            for name, found in tables.items()
            if found
        }
        answer |= {
            "EndTime": crawl.ended_at,
            "Summary": json.dumps({"TABLE": details} if details else {})[:255],
        }
    return answer | ({"ErrorMessage": crawl.error} if crawl.error else {})


def _metrics(world: World, crawler: Crawler) -> dict[str, Any]:
    ended = [one for one in crawler.crawls if one.ended_at]
    lasted = [(one.ended_at - one.started_at).total_seconds() for one in ended if one.ended_at]
    current = crawler.current
    left = (current.started_at + due.LASTING - world.now()).total_seconds() if current else 0.0
    newest = ended[-1] if ended else Crawl("", world.now())
    return {
        "CrawlerName": crawler.name,
        "TimeLeftSeconds": max(0.0, left),
        "StillEstimating": bool(current) and not lasted,
        "LastRuntimeSeconds": lasted[-1] if lasted else 0.0,
        "MedianRuntimeSeconds": median(lasted) if lasted else 0.0,
        "TablesCreated": len(newest.created),
        "TablesUpdated": len(newest.updated),
        "TablesDeleted": len(newest.deleted),
    }


HANDLERS = fitted({"GetCrawlerMetrics": get_crawler_metrics, "ListCrawls": list_crawls})
