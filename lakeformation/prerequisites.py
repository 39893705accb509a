"""What must be true in the owner's catalog before a permission there has any effect."""

from collections.abc import Iterable
from datetime import datetime

from lakeformation.atoms import Location
from lakeformation.desired import Wish
from lakeformation.observation import covers
from lakeformation.planning import Change, Step


def registrations(wishes: Iterable[Wish], registered: frozenset[str], *, now: datetime) -> list[Step]:
    """One step for each data location that live wishes need and nobody registered.

    A location stays registered when its last wish ends: other readers may rely on it by then.
    """
    needed: dict[Location, set[int]] = {}
    for wish in wishes:
        location = wish.access.registration
        if location and wish.is_live(now) and not any(covers(arn, location.arn) for arn in registered):
            needed.setdefault(location, set()).add(wish.intent)
    return [
        Step(
            "RegisterResource",
            location.place,
            (Change("register", location.place, location.arn, location, None, tuple(sorted(intents))),),
        )
        for location, intents in sorted(needed.items())
    ]
