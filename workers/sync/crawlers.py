"""Reads the crawlers of producer accounts, of which people of the producer may start one."""

import logging
from typing import Any

from background.tasks import StopSignal
from catalog.crawler_runs.progress import CrawlerReading, store_crawlers
from identity.accounts.models import ConnectedCatalog
from kernel.clock import now as database_now
from workers.aws.crawlers import iterate_crawler_pages
from workers.aws.errors import AwsError
from workers.aws.sessions import drop_ended_sessions, get_client

logger = logging.getLogger(__name__)


def read_crawlers(catalog: ConnectedCatalog, stop: StopSignal, session_name: str) -> None:
    """Nothing changes where AWS refuses the list: the role of an account that was connected earlier may lack the right."""
    if catalog.kind != ConnectedCatalog.Kind.PRODUCER or catalog.path:
        return
    found = []
    try:
        glue = get_client(
            "glue", account=catalog.account, role="observer", region=catalog.region, session_name=session_name
        )
        for page in iterate_crawler_pages(glue):
            if stop.is_set():
                return
            found += [_build_reading(row) for row in page]
    except AwsError as error:
        logger.warning("the crawlers of %s were not read: %s", catalog.short_name, error)
        drop_ended_sessions(error)
        return
    store_crawlers(catalog, found, database_now())


def _build_reading(row: dict[str, Any]) -> CrawlerReading:
    targets = (row.get("Targets") or {}).get("S3Targets") or []
    paths = [one["Path"] for one in targets if one.get("Path")]
    return CrawlerReading(row["Name"], str(row.get("DatabaseName") or "").lower(), paths)
