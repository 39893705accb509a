"""Crawlers and their history, by (account, region)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mocklake.world import World

NAME = "glue.crawlers"
KEPT = 100


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


@dataclass
class CrawlerStore:
    by_place: dict[tuple[str, str], dict[str, Crawler]] = field(default_factory=dict)


def crawlers_of(world: World, account: str, region: str) -> dict[str, Crawler]:
    store: CrawlerStore = world.stores.setdefault(NAME, CrawlerStore())
    return store.by_place.setdefault((account, region), {})
