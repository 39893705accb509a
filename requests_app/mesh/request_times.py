"""How long it takes from a request to proven access, and where requests end before that. The computation is pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from audit.models import Event
from fulfilment.rounds import Step
from identity.people.models import Person
from requests_app.access_requests.may import list_visible_items
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.statistics.periods import MIN_MEASURED

MAX_ITEMS = 20_000
"""The newest of the year."""


class Stop(StrEnum):
    """Where an item is, or ended without access."""

    PROVEN = "proven"
    IN_ENGINE = "in_engine"
    ENDED_UNPROVEN = "ended_unproven"
    WAITING = "waiting"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN_WAITING = "withdrawn_waiting"
    CLOSED = "closed"
    EXPIRED = "expired"


ABANDONED = (Stop.WITHDRAWN_WAITING, Stop.CLOSED, Stop.EXPIRED, Stop.ENDED_UNPROVEN, Stop.REJECTED)


@dataclass(frozen=True)
class ItemTimes:
    """`sent_at` is when the first call to AWS was sent in its scope after the approval; None if none was needed."""

    domain: str
    state: str
    submitted_at: datetime
    wanted_until: datetime
    granted_at: datetime | None = None
    sent_at: datetime | None = None
    proven_at: datetime | None = None
    ended_at: datetime | None = None
    is_automatic: bool = False
    is_closed: bool = False

    def find_stop(self, now: datetime) -> Stop:
        if self.proven_at is not None:
            return Stop.PROVEN
        if self.granted_at is not None:
            return Stop.IN_ENGINE if self.ended_at is None else Stop.ENDED_UNPROVEN
        if self.state == ItemState.REJECTED:
            return Stop.REJECTED
        if self.state == ItemState.WITHDRAWN:
            return Stop.CLOSED if self.is_closed else Stop.WITHDRAWN_WAITING
        if self.wanted_until <= now:
            return Stop.EXPIRED
        return Stop.RETURNED if self.state == ItemState.RETURNED else Stop.WAITING


@dataclass(frozen=True)
class TimeSummary:
    """Seconds; None where too few items have them. `count` is how many were proven, `automatic` how many of `decided` a rule,
    an offer or a consent approved.
    """

    name: str
    count: int
    median: float | None
    high: float | None
    decision: float | None
    engine: float | None
    proof: float | None
    decided: int
    automatic: int

    @property
    def automatic_share(self) -> float | None:
        return self.automatic / self.decided if self.decided else None


@dataclass
class _Group:
    total: list[float] = field(default_factory=list)
    decision: list[float] = field(default_factory=list)
    engine: list[float] = field(default_factory=list)
    proof: list[float] = field(default_factory=list)
    decided: int = 0
    automatic: int = 0

    def add(self, one: ItemTimes) -> None:
        is_decided = one.granted_at is not None or one.state == ItemState.REJECTED
        self.decided += is_decided
        self.automatic += one.is_automatic and one.granted_at is not None
        if one.granted_at is not None:
            self.decision.append(_seconds(one.submitted_at, one.granted_at))
        if one.granted_at is not None and one.proven_at is not None:
            self.total.append(_seconds(one.submitted_at, one.proven_at))
            sent = one.sent_at if one.sent_at and one.sent_at <= one.proven_at else None
            self.engine.append(_seconds(one.granted_at, sent or one.proven_at))
            if sent:
                self.proof.append(_seconds(sent, one.proven_at))


def read_item_times(person: Person, since: datetime) -> list[ItemTimes]:
    """Reads items that the person may see and that were requested since then. One query."""
    rows = list_visible_items(person).filter(request__submitted_at__gte=since)
    return [
        ItemTimes(*row)
        for row in _annotate_times(rows)
        .order_by("-pk")
        .values_list(
            "owner",
            "state",
            "request__submitted_at",
            "ends_at",
            "grant__granted_at",
            "sent_at",
            "proven_at",
            "grant__ended_at",
            "is_automatic",
            "is_closed",
        )[:MAX_ITEMS]
    ]


def _annotate_times(rows: QuerySet[RequestItem]) -> QuerySet[Any]:
    proofs = Event.objects.filter(subject=OuterRef("grant__intent__subject"), verb="proved_present")
    steps = Step.objects.filter(
        round__scope__key=OuterRef("grant__intent__scope_key"),
        sent_at__gte=OuterRef("grant__granted_at"),
    )
    automatic = Decision.objects.filter(
        Q(by_rule__isnull=False) | Q(by_offer__isnull=False) | Q(by_consent__isnull=False),
        item=OuterRef("pk"),
    )
    closed = Event.objects.filter(
        subject=Concat(Value("item:"), OuterRef("pk"), output_field=CharField()), verb="close_retired_item"
    )
    return rows.annotate(
        owner=Coalesce(
            "table__database__domain__name", "product__domain__name", Value(""), output_field=CharField()
        ),
        sent_at=Subquery(steps.order_by("sent_at").values("sent_at")[:1]),
        proven_at=Subquery(proofs.order_by("pk").values("at")[:1]),
        is_automatic=Exists(automatic),
        is_closed=Exists(closed),
    )


def summarise_times(
    items: Iterable[ItemTimes], get_name: Callable[[ItemTimes], str]
) -> dict[str, TimeSummary]:
    """By the name that `get_name` gives."""
    groups: dict[str, _Group] = defaultdict(_Group)
    for item in items:
        groups[get_name(item)].add(item)
    return {name: _summarise(name, group) for name, group in groups.items()}


def _summarise(name: str, group: _Group) -> TimeSummary:
    return TimeSummary(
        name=name,
        count=len(group.total),
        median=compute_quantile(group.total, 0.5),
        high=compute_quantile(group.total, 0.9),
        decision=compute_quantile(group.decision, 0.5),
        engine=compute_quantile(group.engine, 0.5),
        proof=compute_quantile(group.proof, 0.5),
        decided=group.decided,
        automatic=group.automatic,
    )


def compute_quantile(values: Sequence[float], share: float) -> float | None:
    """The least value that this share of the values does not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1] if len(values) >= MIN_MEASURED else None


def count_stops(items: Iterable[ItemTimes], now: datetime) -> dict[Stop, int]:
    counts = dict.fromkeys(Stop, 0)
    for item in items:
        counts[item.find_stop(now)] += 1
    return counts


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())
