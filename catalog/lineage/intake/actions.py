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
from catalog.lineage.intake.unusable_parts import leave_out_unusable_parts
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
    """`taken` are the events as they were read, by index. `warnings`: by index, dotted path and message of each part that was left
    out.
    """

    received: int
    faults: list[EventFault] = field(default_factory=list)
    taken: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    warnings: dict[int, list[tuple[str, str]]] = field(default_factory=dict)


def receive_events(*, team_id: int, events: Sequence[Any], now: datetime) -> IntakeResult:
    """Each event without the parts that cannot be read, or not at all where these make it meaningless. All by the same statements;
    one by one if the database refuses them together.
    """
    result, good = IntakeResult(len(events)), {}
    for index, data in enumerate(events):
        usable, warnings = (data, []) if is_well_formed(data) else leave_out_unusable_parts(data)
        found = _read(index, usable, now)
        if isinstance(found, EventFault):
            result.faults.append(found)
            continue
        good[index], result.taken[index] = found, usable
        if told := [*warnings, *found.warnings]:
            result.warnings[index] = told
    if good and not _try_write(team_id, list(good.values()), now):
        for index, event in good.items():
            if not _try_write(team_id, [event], now):
                result.faults.append(
                    EventFault(index, (("", "The event could not be stored."),), may_retry=True)
                )
    for fault in result.faults:
        result.taken.pop(fault.index, None)
        result.warnings.pop(fault.index, None)
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
