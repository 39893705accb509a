"""AWS's own events are sent as well as it goes: by fault they come twice, late, out of order or not at all.

Chance comes from each fault's own seed, so the same changes in the same order meet the same fate. What is on
its way is part of the snapshot; it arrives when mocklake's clock says so.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mocklake.events import delivery
from mocklake.events.store import Held, buses_of, store_of
from mocklake.faults.injected import Faults
from mocklake.world import World

KINDS = ("event_missing", "event_twice", "event_late", "event_overtaken")
OVERTAKEN_AT_MOST = 60_000
"""Milliseconds after which an event that nothing overtook comes all the same."""


def send(
    world: World, faults: Faults, event: dict[str, Any], *, change: str, read_only: bool = False
) -> None:
    """Brings an event to the default bus of its account and region, or holds it back, or loses it.

    Faults match the event's source without `aws.` as service and `change` as operation.
    """
    asked = (event["source"].removeprefix("aws."), change, event["account"])
    fate = {kind: _worst(faults, kind, asked) for kind in KINDS}
    if fate["event_missing"] is not None:
        return
    for _ in range(2 if fate["event_twice"] is not None else 1):
        if fate["event_late"] is not None:
            _hold(world, event, fate["event_late"])
        elif fate["event_overtaken"] is not None:
            _hold(world, event, fate["event_overtaken"] or OVERTAKEN_AT_MOST, until_next=True)
        else:
            _publish(world, event, read_only=read_only)
    if fate["event_late"] is None and fate["event_overtaken"] is None:
        _let_past(world, event)


def _worst(faults: Faults, kind: str, asked: tuple[str, str, str]) -> int | None:
    """The longest delay of the faults of this kind that strike; None when none does."""
    struck = [one for one in faults.standing(kind, *asked) if not one.rate or faults.draw(one, 1)[0]]
    return max((one.milliseconds for one in struck), default=None)


def _hold(world: World, event: dict[str, Any], milliseconds: int, *, until_next: bool = False) -> None:
    due = world.now() + timedelta(milliseconds=milliseconds)
    store_of(world).held.append(Held(due, event["account"], event["region"], event, until_next))


def _let_past(world: World, event: dict[str, Any]) -> None:
    """Those that waited for a later event to go by come now."""
    place = (event["account"], event["region"])
    for one in _taken(world, lambda held: held.until_next and (held.account, held.region) == place):
        _publish(world, one.event)


def arrive(world: World) -> bool:
    """Delivers what is due by mocklake's clock; whether anything was."""
    if not store_of(world).held:
        return False
    now, arrived = world.now(), False
    for one in _taken(world, lambda held: held.due <= now):
        _publish(world, one.event)
        arrived = True
    return arrived


def _taken(world: World, is_due: Any) -> Iterator[Held]:
    store = store_of(world)
    due = [one for one in store.held if is_due(one)]
    store.held = [one for one in store.held if not is_due(one)]
    yield from sorted(due, key=lambda one: one.due)


def _publish(world: World, event: dict[str, Any], *, read_only: bool = False) -> None:
    bus = buses_of(world, event["account"], event["region"])["default"]
    delivery.publish(world, bus, event, read_only=read_only)
