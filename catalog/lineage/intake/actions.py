"""Take events from a team's service. A service is no person: events change no right, so they are not audited one by one."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, transaction
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from catalog.lineage.intake.events import EventError, LineageEvent, read_event
from catalog.lineage.intake.schema import Fault, Step, find_faults, is_well_formed, list_faults
from catalog.lineage.intake.writer import write_events

MAX_ROUNDS = 5
"""Leaving out a part can show another fault behind it."""
Place = tuple[Step, ...]
LISTS = ("inputs", "outputs")
OWNERS = ("job", "run", "dataset")
WITH_FIELDS = frozenset({"columnLineage", "lineage"})
"""Facets whose columns stand alone."""
LEFT_OUT = "Left out"
logger = logging.getLogger(__name__)
MAX_EVENTS = 1000
"""The events of one call."""


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


def leave_out_unusable_parts(event: Any) -> tuple[Any, list[tuple[str, str]]]:
    """The event without the datasets, facets and columns that cannot be read, and what was left out: its path with dots, and why.
    Faults of what makes the event meaningless stay in it.
    """
    warnings: list[tuple[str, str]] = []
    for _round in range(MAX_ROUNDS):
        parts = _find_parts(list_faults(event))
        if not parts:
            break
        event = deepcopy(event)
        # From behind, so that the places before stay what they are.
        for place in sorted(parts, key=_get_sort_key, reverse=True):
            holder: Any = event
            for step in place[:-1]:
                holder = holder[step]
            del holder[place[-1]]
        warnings += [(".".join(map(str, place)), f"{LEFT_OUT}: {why}") for place, why in parts.items()]
    return event, warnings


def _find_parts(faults: Iterable[Fault]) -> dict[Place, str]:
    """By place; of a part within another one the outer alone."""
    found = {place: fault.message for fault in faults if (place := _find_part(fault.path))}
    return {
        place: why
        for place, why in found.items()
        if not any(place[:length] in found for length in range(1, len(place)))
    }


def _find_part(path: Place) -> Place | None:
    """The least part around the fault that can be left out; None where the whole event is at fault."""
    start = 2 if path[:1] and path[0] in LISTS else 1 if path[:1] and path[0] in OWNERS else 0
    if not start or len(path) < start:
        return None
    if len(path) < start + 2 or path[start] != "facets":
        return path[:2] if path[0] in LISTS else None
    facet = path[: start + 2]
    if facet[-1] in WITH_FIELDS and len(path) > start + 3 and path[start + 2] == "fields":
        return path[: start + 4]
    return facet


def _get_sort_key(place: Place) -> tuple[tuple[bool, int, str], ...]:
    """Numbers by their size, beside names."""
    return tuple((isinstance(step, str), step if isinstance(step, int) else 0, str(step)) for step in place)
