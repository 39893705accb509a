"""All state that awsim itself owns, apart from moto's: what snapshot and restore write and read."""

from dataclasses import dataclass, field
from threading import RLock
from typing import Any


@dataclass
class World:
    """One lock guards all stores: correctness before speed, a call takes about a millisecond."""

    organisation: set[str] = field(default_factory=set)
    """Account ids inside the organisation; sharing among them needs no invitation."""
    stores: dict[str, Any] = field(default_factory=dict)
    """One picklable store a service, by service name: "lakeformation", "ram", "glue", "sts"."""
    lock: RLock = field(default_factory=RLock, repr=False)

    def same_organisation(self, one: str, other: str) -> bool:
        return one in self.organisation and other in self.organisation
