"""All state that mocklake itself owns, apart from moto's: what snapshot and restore write and read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from mocklake.manners import POLITE, Manners
from mocklake.switches import Switches


@dataclass
class World:
    """One lock guards all stores: correctness before speed, a call takes about a millisecond."""

    organisation: set[str] = field(default_factory=set)
    """Account ids inside the organisation; sharing among them needs no invitation."""
    stores: dict[str, Any] = field(default_factory=dict)
    """One picklable store a service, by service name: "lakeformation", "ram", "glue", "sts"."""
    accounts: dict[str, str] = field(default_factory=dict)
    """The name of every account that exists, by account id; a call about any other one is refused."""
    clock_offset: timedelta = timedelta()
    """What the control API added to the clock, so that expiry can be seen without waiting."""
    switches: Switches = field(default_factory=Switches)
    """How this world goes where AWS is not known."""
    manners: Manners = POLITE
    """Of a world that nobody serves none; a server begins with those that are chosen."""
    lock: RLock = field(default_factory=RLock, repr=False)

    def same_organisation(self, one: str, other: str) -> bool:
        return one in self.organisation and other in self.organisation

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_offset

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = RLock()
