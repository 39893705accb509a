"""Reads the Glue Data Catalog, its crawlers and results of its Data Quality, and starts crawlers.

Lake Formation may hide that something is missing from whoever could not make it (field report: waggle-dance
#359). Then a complete listing decides, by a reader of whom the account's settings say that it sees everything.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity.accounts import Account
from workers.aws import iam, reads
from workers.aws.calls import Rows, iterate_pages
from workers.aws.errors import AwsError, ErrorKind, read_with_retries, translate_errors
from workers.aws.sessions import get_client

PAGE_SIZE = 100


def iterate_database_pages(glue: Any, catalog_id: str) -> Iterator[Rows]:
    """Pages of GetDatabases; AwsError when a page is refused or lost."""
    return iterate_pages(
        glue.get_databases, "DatabaseList", {"CatalogId": catalog_id, "MaxResults": PAGE_SIZE}
    )


def read_table_page(glue: Any, catalog_id: str, database: str, token: str = "") -> tuple[Rows, str]:
    """One page of GetTables, and the token of the next; an empty token is the end, an empty page is not."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database, "MaxResults": PAGE_SIZE}
    with translate_errors():
        answer = glue.get_tables(**asked | ({"NextToken": token} if token else {}))
    return answer.get("TableList") or [], answer.get("NextToken") or ""


class GlueReader:
    """Reads Glue as an account's observer in one region. Each read is complete or raises AwsError.

    `path` is of a catalog within the account's own.
    """

    def __init__(self, account: Account, region: str, path: str = "") -> None:
        self._account, self._region = account, region
        self._catalog = ":".join(filter(None, [account.account_id, path]))
        self._glue = self._client("glue")
        self._sees_all: bool | None = None

    def _client(self, service: str) -> Any:
        return get_client(service, account=self._account, role="observer", region=self._region)

    def find_database(self, name: str) -> dict[str, Any] | None:
        """A Glue database, or None when there is none of this name."""
        return self._read_or_check_listing(
            lambda: reads.find_database(self._glue, self._catalog, name), lambda: self._has_database(name)
        )

    def find_databases(self, names: Collection[str]) -> dict[str, dict[str, Any]]:
        """The databases that are there, by name. The account's list is read as long as that takes fewer calls; who
        may not see one finds it in no list, so what it lacks is asked for by itself.
        """
        listed = self._find_in_listing(set(names)) if len(set(names)) > 1 else {}
        found = ((name, listed.get(name) or self.find_database(name)) for name in sorted(set(names)))
        return {name: row for name, row in found if row is not None}

    def _find_in_listing(self, sought: set[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for number, page in enumerate(iterate_database_pages(self._glue, self._catalog), start=1):
            found |= {row["Name"]: row for row in page if row["Name"] in sought}
            if len(sought) - len(found) <= number:
                break
        return found

    def find_table(self, database: str, name: str) -> dict[str, Any] | None:
        """A Glue table, or None when there is none of this name."""
        return self._read_or_check_listing(
            lambda: reads.find_table(self._glue, self._catalog, database, name),
            lambda: self._has_table(database, name),
        )

    def list_tables(self, database: str) -> list[dict[str, Any]]:
        """All tables that lie in a database that is there."""
        return reads.list_tables(self._glue, self._catalog, database)

    def _read_or_check_listing(
        self, read: Callable[[], dict[str, Any] | None], is_listed: Callable[[], bool]
    ) -> dict[str, Any] | None:
        try:
            return read()
        except AwsError as error:
            if error.kind is ErrorKind.DENIED and self._sees_everything() and not is_listed():
                return None
            raise

    def _sees_everything(self) -> bool:
        if self._sees_all is None:
            self._sees_all = iam.is_administrator(
                self._client("lakeformation"), self._account.account_id, self._account.observer_role_arn
            )
        return self._sees_all

    def _has_database(self, name: str) -> bool:
        pages = iterate_database_pages(self._glue, self._catalog)
        return any(row["Name"] == name for page in pages for row in page)

    def _has_table(self, database: str, name: str) -> bool:
        """A database that is not there lists nothing, not even that it has no tables."""
        return self._has_database(database) and any(
            row["Name"] == name
            for row in reads.list_tables_matching(self._glue, self._catalog, database, name)
        )


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


LIST_OPERATION, GET_OPERATION = "ListDataQualityResults", "BatchGetDataQualityResult"
LIST_SIZE, BATCH_SIZE = 1000, 100


def iterate_result_pages(
    glue: Any, after: datetime, before: datetime, wait: Callable[[str], bool]
) -> Iterator[Rows]:
    """Pages of ListDataQualityResults, of runs that started between the times. `wait` is called before each call, and ends the
    list if it returns False. AwsError.
    """
    asked = {"Filter": {"StartedAfter": after, "StartedBefore": before}, "MaxResults": LIST_SIZE}
    while wait(LIST_OPERATION):
        answer = read_with_retries(lambda asked=asked: glue.list_data_quality_results(**asked))  # type: ignore[misc]
        yield answer.get("Results") or []
        if not answer.get("NextToken"):
            return
        asked = {**asked, "NextToken": answer["NextToken"]}


def read_results(glue: Any, ids: Sequence[str]) -> Rows:
    """At most `BATCH_SIZE`; those that are gone are left out. AwsError."""
    with_retries = read_with_retries(lambda: glue.batch_get_data_quality_result(ResultIds=list(ids)))
    return list(with_retries.get("Results") or [])
