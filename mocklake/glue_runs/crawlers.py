"""Crawlers: made, changed, read, started and stopped; their history and their figures.

Sources: botocore model; Glue Developer Guide, add-crawler. Only S3 targets are crawled; a schedule is kept and shown,
mocklake starts nothing by it.
"""

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from statistics import median
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue_runs import running
from mocklake.glue_runs.running import fit_errors
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

KIND = "crawl"
MOST = 1000
_SHOWN = (
    "Role", "Targets", "DatabaseName", "Description", "Classifiers", "RecrawlPolicy", "SchemaChangePolicy",
    "LineageConfiguration", "TablePrefix", "Configuration", "CrawlerSecurityConfiguration",
    "LakeFormationConfiguration", "CatalogId",
)  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
}
_CRON = re.compile(r"cron\((\S+\s+){5}\S+\)")
_COMPARE = {"GT": gt, "GE": ge, "LT": lt, "LE": le, "EQ": eq, "NE": ne}
NAME = "glue.crawlers"
KEPT = 100


def create_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException without a target, a database or a role that Glue can assume."""
    crawlers = get_crawlers_of(world, caller.account, caller.region)
    if params["Name"] in crawlers:
        raise AwsError("AlreadyExistsException", f"Crawler {params['Name']} already exists.")
    body = _check_crawler(caller, {**_DEFAULTS, **copied(params)})
    crawlers[params["Name"]] = Crawler(params["Name"], body, world.now(), world.now())
    return {}


def update_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays; CrawlerRunningException while it runs."""
    crawler = _find_idle(world, caller, params["Name"])
    crawler.body = _check_crawler(caller, {**crawler.body, **copied(params)})
    crawler.updated_at, crawler.version = world.now(), crawler.version + 1
    return {}


def delete_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The tables it made stay; CrawlerRunningException while it runs."""
    crawler = _find_idle(world, caller, params["Name"])
    del get_crawlers_of(world, caller.account, caller.region)[crawler.name]
    return {}


def get_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a name that the account has not in the region."""
    return {"Crawler": _describe_crawler(world, find_crawler(world, caller, params["Name"]))}


def get_crawlers(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """By name, page by page."""
    names, more = _list_names(world, caller, params, "GetCrawlers")
    return {
        "Crawlers": [_describe_crawler(world, find_crawler(world, caller, name)) for name in names]
    } | more


def list_crawlers(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Names, of crawlers with these tags if any are asked for."""
    names, more = _list_names(world, caller, params, "ListCrawlers", tags=params.get("Tags", {}), most=100)
    return {"CrawlerNames": names} | more


def batch_get_crawlers(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Names that are not known are told apart."""
    crawlers = get_crawlers_of(world, caller.account, caller.region)
    known = [crawlers[name] for name in params["CrawlerNames"] if name in crawlers]
    missing = [name for name in params["CrawlerNames"] if name not in crawlers]
    return {"Crawlers": [_describe_crawler(world, one) for one in known], "CrawlersNotFound": missing}


def start_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """CrawlerRunningException while it runs. Its tables are there when it is READY again."""
    crawler = _find_idle(world, caller, params["Name"])
    crawl = Crawl(str(uuid.uuid4()), world.now())
    crawler.crawls = [*crawler.crawls[1 - KEPT :], crawl]
    running.begin_run(world, (KIND, caller.account, caller.region, crawler.name))
    return {}


def stop_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """STOPPING until the run would have ended; nothing is made of it."""
    crawl = find_crawler(world, caller, params["Name"]).current
    if crawl is None:
        raise AwsError("CrawlerNotRunningException", f"Crawler with name {params['Name']} isn't running")
    if crawl.stopping:
        raise AwsError("CrawlerStoppingException", f"Crawler with name {params['Name']} is stopping")
    crawl.stopping = True
    return {}


@dataclass
class Crawl:
    """`state` is CrawlerHistoryState; the names are of tables."""

    id: str
    started_at: datetime
    ended_at: datetime | None = None
    state: str = "RUNNING"
    stopping: bool = False
    error: str = ""
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


@dataclass
class Crawler:
    """`body` is the input as given, with Role as an ARN; `crawls` are the newest last."""

    name: str
    body: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    version: int = 1
    crawls: list[Crawl] = field(default_factory=list)

    @property
    def current(self) -> Crawl | None:
        newest = self.crawls[-1] if self.crawls else None
        return newest if newest and newest.state == "RUNNING" else None


def find_crawler(world: World, caller: Caller, name: str) -> Crawler:
    crawler = get_crawlers_of(world, caller.account, caller.region).get(name)
    if crawler is None:
        raise AwsError("EntityNotFoundException", f"Crawler with name {name} does not exist")
    return crawler


def _find_idle(world: World, caller: Caller, name: str) -> Crawler:
    crawler = find_crawler(world, caller, name)
    if crawler.current:
        raise AwsError("CrawlerRunningException", f"Crawler with name {name} has already started")
    return crawler


def _list_names(
    world: World,
    caller: Caller,
    params: dict[str, Any],
    listing: str,
    *,
    tags: dict[str, str] | None = None,
    most: int = MOST,
) -> tuple[list[str], dict[str, str]]:
    crawlers, wanted = get_crawlers_of(world, caller.account, caller.region), (tags or {}).items()

    def fitting(name: str) -> str | None:
        return name if wanted <= crawlers[name].body.get("Tags", {}).items() else None

    return page(world, caller, params, sorted(crawlers), fitting, listing=listing, most=most)


def _check_crawler(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    targets = body.get("Targets", {})
    if not any(targets.values()):
        raise AwsError("InvalidInputException", "At least one target must be given.")
    other = sorted(kind for kind, found in targets.items() if found and kind != "S3Targets")
    if other:
        raise AwsError("MocklakeNotImplemented", f"Crawlers of {other[0]} are not simulated.", status=501)
    if not body.get("DatabaseName"):
        raise AwsError("InvalidInputException", "Database name cannot be empty.")
    for s3_target in targets["S3Targets"]:
        if not re.fullmatch(r"s3://[^/]+(/.*)?", s3_target.get("Path", "")):
            raise AwsError("InvalidInputException", f"Invalid S3 path: {s3_target.get('Path', '')}")
    if body.get("Schedule") and not _CRON.fullmatch(body["Schedule"]):
        raise AwsError("InvalidInputException", f"Invalid schedule expression: {body['Schedule']}")
    return {**body, "Role": running.check_role(caller, body["Role"])}


def _describe_crawler(world: World, crawler: Crawler) -> dict[str, Any]:
    answer = {name: crawler.body[name] for name in _SHOWN if name in crawler.body}
    current = crawler.current
    answer |= {
        "Name": crawler.name,
        "State": ("STOPPING" if current.stopping else "RUNNING") if current else "READY",
        "CrawlElapsedTime": _compute_elapsed(world, current) if current else 0,
        "CreationTime": crawler.created_at,
        "LastUpdated": crawler.updated_at,
        "Version": crawler.version,
    }
    if crawler.body.get("Schedule"):
        answer["Schedule"] = {"ScheduleExpression": crawler.body["Schedule"], "State": "SCHEDULED"}
    ended = [crawl for crawl in crawler.crawls if crawl is not current]
    return answer | ({"LastCrawl": _describe_last_crawl(crawler, ended[-1])} if ended else {})


def _compute_elapsed(world: World, crawl: Crawl) -> int:
    return int((world.now() - crawl.started_at).total_seconds() * 1000)


def _describe_last_crawl(crawler: Crawler, crawl: Crawl) -> dict[str, Any]:
    status = {"COMPLETED": "SUCCEEDED", "FAILED": "FAILED", "STOPPED": "CANCELLED"}[crawl.state]
    place = {"LogGroup": "/aws-glue/crawlers", "LogStream": crawler.name, "MessagePrefix": crawl.id}
    told = {"ErrorMessage": crawl.error} if crawl.error else {}
    return {"Status": status, "StartTime": crawl.started_at, **place, **told}


def list_crawls(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first, 20 a page unless more are asked for, those that pass every filter."""
    crawls = find_crawler(world, caller, params["CrawlerName"]).crawls
    by_age = {-number: crawl for number, crawl in enumerate(crawls)}
    filters = params.get("Filters", [])

    def load(number: int) -> Crawl | None:
        return by_age[number] if all(_passes(by_age[number], one) for one in filters) else None

    asked = {"MaxResults": 20} | params
    found, more = page(world, caller, asked, sorted(by_age), load, listing="ListCrawls")
    return {"Crawls": [_describe_crawl(one) for one in found]} | more


def get_crawler_metrics(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Answers for the crawlers that are named, or for all; a name that is not known is left out (assumed)."""
    crawlers = get_crawlers_of(world, caller.account, caller.region)
    name_list = set(params.get("CrawlerNameList") or crawlers)
    names = sorted(name_list & set(crawlers))
    found, more = page(
        world,
        caller,
        params,
        names,
        lambda name: _describe_metrics(world, crawlers[name]),
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
            return moment is not None and bool(compare(_compute_milliseconds(moment), _read_number(value)))
        case _:
            return bool(compare(0.0, _read_number(value)))


def _compute_milliseconds(moment: datetime) -> float:
    return moment.timestamp() * 1000


def _read_number(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise AwsError("InvalidInputException", f"{value} is no number.") from error


def _describe_crawl(crawl: Crawl) -> dict[str, Any]:
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


def _describe_metrics(world: World, crawler: Crawler) -> dict[str, Any]:
    ended = [crawl for crawl in crawler.crawls if crawl.ended_at]
    lasted = [(one.ended_at - one.started_at).total_seconds() for one in ended if one.ended_at]
    current = crawler.current
    left = (current.started_at + running.LASTING - world.now()).total_seconds() if current else 0.0
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


@dataclass
class CrawlerStore:
    by_place: dict[tuple[str, str], dict[str, Crawler]] = field(default_factory=dict)


def get_crawlers_of(world: World, account: str, region: str) -> dict[str, Crawler]:
    store: CrawlerStore = world.stores.setdefault(NAME, CrawlerStore())
    return store.by_place.setdefault((account, region), {})


HANDLERS = fit_errors(
    {
        "BatchGetCrawlers": batch_get_crawlers,
        "CreateCrawler": create_crawler,
        "DeleteCrawler": delete_crawler,
        "GetCrawler": get_crawler,
        "GetCrawlers": get_crawlers,
        "ListCrawlers": list_crawlers,
        "StartCrawler": start_crawler,
        "StopCrawler": stop_crawler,
        "UpdateCrawler": update_crawler,
        "GetCrawlerMetrics": get_crawler_metrics,
        "ListCrawls": list_crawls,
    }
)
