"""What an event can do without: parts that are malformed are left out, so that they cost no other part. Pure."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from catalog.lineage.intake.schema import Fault, Step, list_faults

MAX_ROUNDS = 5
"""Leaving out a part can show another fault behind it."""
Place = tuple[Step, ...]
LISTS = ("inputs", "outputs")
OWNERS = ("job", "run", "dataset")
WITH_FIELDS = frozenset({"columnLineage", "lineage"})
"""Facets whose columns stand alone."""
LEFT_OUT = "Left out"


def leave_out_unusable_parts(event: Any) -> tuple[Any, list[tuple[str, str]]]:
    """The event without the datasets, facets and columns that cannot be read, and what was left out: its path with dots, and why.
    Faults of what makes the event meaningless stay in it.
    """
    warnings: list[tuple[str, str]] = []
    for _round in range(MAX_ROUNDS):
        found = _find_parts(list_faults(event))
        if not found:
            break
        event = deepcopy(event)
        # From behind, so that the places before stay what they are.
        for place in sorted(found, key=_get_sort_key, reverse=True):
            _remove(event, place)
        warnings += [(".".join(map(str, place)), f"{LEFT_OUT}: {why}") for place, why in found.items()]
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


def _remove(event: Any, place: Place) -> None:
    holder: Any = event
    for step in place[:-1]:
        holder = holder[step]
    del holder[place[-1]]
