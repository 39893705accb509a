"""Take events from a team's service. A service is no person: events change no right, so they are not audited one by one."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, transaction
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from catalog.lineage.intake.events import EventError, LineageEvent, read_event
from catalog.lineage.intake.schema import find_faults, is_well_formed
from catalog.lineage.intake.writer import write_events

logger = logging.getLogger(__name__)
MAX_EVENTS = 1000
"""Of one call."""


@dataclass(frozen=True)
class EventFault:
    """Why an event was not taken. `places`: dotted path and message of each fault. `may_retry`: the same event may succeed."""

    index: int
    places: tuple[tuple[str, str], ...]
    may_retry: bool = False


@dataclass
class IntakeResult:
    received: int
    faults: list[EventFault] = field(default_factory=list)


def receive_events(*, team_id: int, events: Sequence[Any], now: datetime) -> IntakeResult:
    """Each event wholly or not at all. All by the same statements; one by one if the database refuses them together."""
    result, good = IntakeResult(len(events)), {}
    for index, data in enumerate(events):
        found = _read(index, data, now)
        if isinstance(found, EventFault):
            result.faults.append(found)
        else:
            good[index] = found
    if good and not _try_write(team_id, list(good.values()), now):
        for index, event in good.items():
            if not _try_write(team_id, [event], now):
                result.faults.append(
                    EventFault(index, (("", "The event could not be stored."),), may_retry=True)
                )
    result.faults.sort(key=lambda fault: fault.index)
    return result


def _read(index: int, data: Mapping[str, Any], now: datetime) -> LineageEvent | EventFault:
    if not is_well_formed(data):
        return EventFault(index, tuple(find_faults(data)))
    try:
        return read_event(data, now)
    except EventError as error:
        return EventFault(index, ((error.path, error.message),))


def _try_write(team_id: int, events: Sequence[LineageEvent], now: datetime) -> bool:
    try:
        _write(team_id, events, now)
    except (DataError, IntegrityError):
        logger.exception("%d lineage events of team %d were not stored", len(events), team_id)
        return False
    return True


@retry(
    retry=retry_if_exception_type(OperationalError),
    stop=stop_after_attempt(3),
    wait=wait_random(0.01, 0.1),
    reraise=True,
)
def _write(team_id: int, events: Sequence[LineageEvent], now: datetime) -> None:
    """Again after a deadlock with another call."""
    with transaction.atomic(durable=True):
        write_events(team_id, events, now)
