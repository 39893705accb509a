"""What Glue does after its call was answered: begun at once, done when mocklake's clock has come so far.

AWS takes minutes; here it is seconds (assumed), and what a run does is done as a whole at its end. A run that was
stopped before has done nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mocklake.served_call import Happening
from mocklake.world import World

NAME = "glue.runs"
STARTING = timedelta(seconds=1)
LASTING = timedelta(seconds=2)
Key = tuple[str, str, str, str]
"""Kind, account, region and the run's id."""


@dataclass
class Queue:
    """Runs under way and when each is done."""

    until: dict[Key, datetime] = field(default_factory=dict)
    done: list[Happening] = field(default_factory=list)
    """Calls that a run has made, until they are told of."""


def queue_of(world: World) -> Queue:
    queue: Queue = world.stores.setdefault(NAME, Queue())
    return queue


def begin(world: World, key: Key) -> None:
    queue_of(world).until[key] = world.now() + LASTING


def state(world: World, begun: datetime) -> str:
    """Of a run under way."""
    return "STARTING" if world.now() < begun + STARTING else "RUNNING"


def find_next(world: World) -> datetime | None:
    """When the next run is done."""
    waiting = world.stores.get(NAME)
    return min(waiting.until.values(), default=None) if waiting else None


def settle(
    world: World, finishers: dict[str, Callable[[World, Key], None]], tell: Callable[[Happening], None]
) -> bool:
    """Finishes what is due, the earliest first, and tells of the calls that were made; whether there was any."""
    waiting = world.stores.get(NAME)
    if waiting is None or not waiting.until:
        return False
    now = world.now()
    due = sorted((moment, key) for key, moment in waiting.until.items() if moment <= now)
    for _, key in due:
        del waiting.until[key]
        finishers[key[0]](world, key)
        while waiting.done:
            tell(waiting.done.pop(0))
    return bool(due)
