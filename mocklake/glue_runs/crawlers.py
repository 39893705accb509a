"""Crawlers: made, changed, read, started and stopped.

Sources: botocore model; Glue Developer Guide, add-crawler. Only S3 targets are crawled; a schedule is kept and shown,
mocklake starts nothing by it.
"""

import re
import uuid
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue_runs import due, roles
from mocklake.glue_runs.crawler_store import KEPT, Crawl, Crawler, crawlers_of
from mocklake.glue_runs.fitting_errors import fitted
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


def create_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException without a target, a database or a role that Glue can assume."""
    crawlers = crawlers_of(world, caller.account, caller.region)
    if params["Name"] in crawlers:
        raise AwsError("AlreadyExistsException", f"Crawler {params['Name']} already exists.")
    body = _checked(caller, {**_DEFAULTS, **copied(params)})
    crawlers[params["Name"]] = Crawler(params["Name"], body, world.now(), world.now())
    return {}


def update_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays; CrawlerRunningException while it runs."""
    crawler = _idle(world, caller, params["Name"])
    crawler.body = _checked(caller, {**crawler.body, **copied(params)})
    crawler.updated_at, crawler.version = world.now(), crawler.version + 1
    return {}


def delete_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The tables it made stay; CrawlerRunningException while it runs."""
    crawler = _idle(world, caller, params["Name"])
    del crawlers_of(world, caller.account, caller.region)[crawler.name]
    return {}


def get_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a name that the account has not in the region."""
    return {"Crawler": _answer(world, find(world, caller, params["Name"]))}


def get_crawlers(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """By name, page by page."""
    names, more = _names(world, caller, params, "GetCrawlers")
    return {"Crawlers": [_answer(world, find(world, caller, name)) for name in names]} | more


def list_crawlers(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Names, of crawlers with these tags if any are asked for."""
    names, more = _names(world, caller, params, "ListCrawlers", tags=params.get("Tags", {}), most=100)
    return {"CrawlerNames": names} | more


def batch_get_crawlers(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Names that are not known are told apart."""
    crawlers = crawlers_of(world, caller.account, caller.region)
    known = [crawlers[name] for name in params["CrawlerNames"] if name in crawlers]
    missing = [name for name in params["CrawlerNames"] if name not in crawlers]
    return {"Crawlers": [_answer(world, one) for one in known], "CrawlersNotFound": missing}


def start_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """CrawlerRunningException while it runs. Its tables are there when it is READY again."""
    crawler = _idle(world, caller, params["Name"])
    crawl = Crawl(str(uuid.uuid4()), world.now())
    crawler.crawls = [*crawler.crawls[1 - KEPT :], crawl]
    due.begin(world, (KIND, caller.account, caller.region, crawler.name))
    return {}


def stop_crawler(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """STOPPING until the run would have ended; nothing is made of it."""
    crawl = find(world, caller, params["Name"]).current
    if crawl is None:
        raise AwsError("CrawlerNotRunningException", f"Crawler with name {params['Name']} isn't running")
    if crawl.stopping:
        raise AwsError("CrawlerStoppingException", f"Crawler with name {params['Name']} is stopping")
    crawl.stopping = True
    return {}


def find(world: World, caller: Caller, name: str) -> Crawler:
    crawler = crawlers_of(world, caller.account, caller.region).get(name)
    if crawler is None:
        raise AwsError("EntityNotFoundException", f"Crawler with name {name} does not exist")
    return crawler


def _idle(world: World, caller: Caller, name: str) -> Crawler:
    crawler = find(world, caller, name)
    if crawler.current:
        raise AwsError("CrawlerRunningException", f"Crawler with name {name} has already started")
    return crawler


def _names(
    world: World,
    caller: Caller,
    params: dict[str, Any],
    listing: str,
    *,
    tags: dict[str, str] | None = None,
    most: int = MOST,
) -> tuple[list[str], dict[str, str]]:
    crawlers, wanted = crawlers_of(world, caller.account, caller.region), (tags or {}).items()

    def fitting(name: str) -> str | None:
        return name if wanted <= crawlers[name].body.get("Tags", {}).items() else None

    return page(world, caller, params, sorted(crawlers), fitting, listing=listing, most=most)


def _checked(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    targets = body.get("Targets", {})
    if not any(targets.values()):
        raise AwsError("InvalidInputException", "At least one target must be given.")
    other = sorted(kind for kind, found in targets.items() if found and kind != "S3Targets")
    if other:
        raise AwsError("MocklakeNotImplemented", f"Crawlers of {other[0]} are not simulated.", status=501)
    if not body.get("DatabaseName"):
        raise AwsError("InvalidInputException", "Database name cannot be empty.")
    for one in targets["S3Targets"]:
        if not re.fullmatch(r"s3://[^/]+(/.*)?", one.get("Path", "")):
            raise AwsError("InvalidInputException", f"Invalid S3 path: {one.get('Path', '')}")
    if body.get("Schedule") and not _CRON.fullmatch(body["Schedule"]):
        raise AwsError("InvalidInputException", f"Invalid schedule expression: {body['Schedule']}")
    return {**body, "Role": roles.check(caller, body["Role"])}


def _answer(world: World, crawler: Crawler) -> dict[str, Any]:
    answer = {name: crawler.body[name] for name in _SHOWN if name in crawler.body}
    current = crawler.current
    answer |= {
        "Name": crawler.name,
        "State": ("STOPPING" if current.stopping else "RUNNING") if current else "READY",
        "CrawlElapsedTime": _elapsed(world, current) if current else 0,
        "CreationTime": crawler.created_at,
        "LastUpdated": crawler.updated_at,
        "Version": crawler.version,
    }
    if crawler.body.get("Schedule"):
        answer["Schedule"] = {"ScheduleExpression": crawler.body["Schedule"], "State": "SCHEDULED"}
    ended = [one for one in crawler.crawls if one is not current]
    return answer | ({"LastCrawl": _last(crawler, ended[-1])} if ended else {})


def _elapsed(world: World, crawl: Crawl) -> int:
    return int((world.now() - crawl.started_at).total_seconds() * 1000)


def _last(crawler: Crawler, crawl: Crawl) -> dict[str, Any]:
    status = {"COMPLETED": "SUCCEEDED", "FAILED": "FAILED", "STOPPED": "CANCELLED"}[crawl.state]
    place = {"LogGroup": "/aws-glue/crawlers", "LogStream": crawler.name, "MessagePrefix": crawl.id}
    told = {"ErrorMessage": crawl.error} if crawl.error else {}
    return {"Status": status, "StartTime": crawl.started_at, **place, **told}


HANDLERS = fitted(
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
    }
)
