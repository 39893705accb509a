"""What must be true in the owner's catalog before a permission there has any effect."""

from collections.abc import Iterable
from datetime import datetime

from lakeformation.atoms import Location
from lakeformation.desired import Claim
from lakeformation.observation import covers
from lakeformation.planning import Change, Step


def registrations(claims: Iterable[Claim], registered: frozenset[str], *, now: datetime) -> list[Step]:
    """One step for each data location that live claims need and nobody registered.

    A location stays registered when its last claim ends: other readers may rely on it by then.
    """
    needed: dict[Location, set[int]] = {}
    for claim in claims:
        location = claim.access.registration
        if location and claim.is_live(now) and not any(covers(arn, location.arn) for arn in registered):
            needed.setdefault(location, set()).add(claim.intent)
    return [
        Step(
            "RegisterResource",
            location.place,
            (Change("register", location.place, location.arn, location, None, tuple(sorted(intents))),),
        )
        for location, intents in sorted(needed.items())
    ]
