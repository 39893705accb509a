"""Reads and starts Glue crawlers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workers.aws.errors import AwsError, read_with_retries, translate_errors
from workers.aws.pagination import Rows, iterate_pages

READY = "READY"
SUCCEEDED, CANCELLED = "SUCCEEDED", "CANCELLED"
RUNNING_CODE = "CrawlerRunningException"


@dataclass(frozen=True)
class CrawlerStatus:
    """`last_crawl` is when the last crawl that has ended began, in ISO format, with its `outcome` and `error`; empty
    without one.
    """

    is_ready: bool
    database: str
    last_crawl: str = ""
    outcome: str = ""
    error: str = ""


def iterate_crawler_pages(glue: Any) -> Iterator[Rows]:
    """Pages of GetCrawlers; AwsError."""
    return iterate_pages(glue.get_crawlers, "Crawlers", {"MaxResults": 100})


def read_crawler(glue: Any, name: str) -> CrawlerStatus:
    """AwsError."""
    found = read_with_retries(lambda: glue.get_crawler(Name=name))["Crawler"]
    last = found.get("LastCrawl") or {}
    return CrawlerStatus(
        is_ready=found.get("State") == READY,
        database=str(found.get("DatabaseName") or "").lower(),
        last_crawl=last["StartTime"].isoformat() if "StartTime" in last else "",
        outcome=last.get("Status", ""),
        error=last.get("ErrorMessage", ""),
    )


def start_crawler(glue: Any, name: str) -> None:
    """Does nothing if the crawler is running already. AwsError."""
    try:
        with translate_errors():
            glue.start_crawler(Name=name)
    except AwsError as error:
        if error.code != RUNNING_CODE:
            raise
