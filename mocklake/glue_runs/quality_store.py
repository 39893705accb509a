"""Rulesets, their runs and results, by (account, region); the newest of each kind are kept."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mocklake.world import World

NAME = "glue.quality"
KEPT = 500


@dataclass
class Ruleset:
    """`body` is the input as given."""

    name: str
    body: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass
class Run:
    """`body` is the request of the start; `state` is told once the run has ended."""

    id: str
    body: dict[str, Any]
    role: str
    started_at: datetime
    state: str = ""
    stopping: bool = False
    error: str = ""
    ended_at: datetime | None = None
    results: list[str] = field(default_factory=list)


@dataclass
class Quality:
    rulesets: dict[str, Ruleset] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Answers of GetDataQualityResult by id, the oldest first."""


@dataclass
class QualityStore:
    by_place: dict[tuple[str, str], Quality] = field(default_factory=dict)


def quality_of(world: World, account: str, region: str) -> Quality:
    store: QualityStore = world.stores.setdefault(NAME, QualityStore())
    return store.by_place.setdefault((account, region), Quality())


def trim(kept: dict[str, Any]) -> None:
    """All that is kept is part of every snapshot."""
    for oldest in list(kept)[: max(0, len(kept) - KEPT)]:
        del kept[oldest]


def moment(value: Any) -> datetime:
    """A time of a request, which comes as seconds since 1970 on the wire."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value, UTC)
