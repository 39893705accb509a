"""One running awsim: its world, its faults, its calls and the state folder it is kept in."""

import importlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from awsim import aftermath, moto_bridge, snapshot, sts
from awsim.calls import CallLog
from awsim.credentials import root_key
from awsim.faults import Faults
from awsim.happenings import Happening
from awsim.manners import Manners
from awsim.seeds import chosen
from awsim.world import World

LONE_ACCOUNT = "111111111111"
OWN_SERVICES = ("lakeformation", "ram", "glue", "athena", "sts", "events")
log = logging.getLogger("awsim")


@dataclass
class Simulator:
    """`seed` is a YAML file, or a name that `awsim.seeds.chosen` knows.

    Empty is a world of one account. Without a folder nothing is kept.
    """

    folder: Path | None
    seed: str = ""
    world: World = field(default_factory=World)
    faults: Faults = field(default_factory=Faults)
    calls: CallLog = field(default_factory=CallLog)
    writes: int = 0

    def __post_init__(self) -> None:
        self.manners = Manners(self.world, self.faults)

    def open(self) -> None:
        """Restore what the folder holds, or seed when it holds nothing."""
        if self.folder is None:
            self._begin()
            return
        restored = snapshot.read(self.folder)
        if restored is None:
            self._begin()
            snapshot.write(self.folder, self.world)
        else:
            self.world = restored
            self.manners = Manners(self.world, self.faults)

    def reset(self) -> None:
        """Back to the seed. Long-lived keys stay valid: whoever runs beside awsim still holds them.

        Raises SeedError for a seed's file that no longer reads, and then leaves everything as it is.
        """
        chosen.check(self.seed)
        with self.world.lock:
            kept = self.world.stores["sts"]
            kept.by_key = {key: one for key, one in kept.by_key.items() if one.expires is None}
            moto_bridge.reset()
            fresh = World()
            fresh.lock = self.world.lock
            fresh.stores["sts"] = kept
            self.world.__dict__.update(fresh.__dict__)
            self._begin()
            self.end_faults()
            self.calls.clear()
            self.wrote()

    def end_faults(self) -> None:
        with self.world.lock:
            self.faults.clear()
            self.manners.veils.forget()

    def follow(self, happening: Happening) -> None:
        """What comes of a call that was served: events about it."""
        with self.world.lock:
            aftermath.follow(self.world, self.faults, happening)

    def tick(self) -> None:
        """Brings what is due by awsim's clock; asked before each call, and now and then by the server."""
        with self.world.lock:
            arrived = aftermath.arrive(self.world)
        if arrived:
            self.wrote()

    def wrote(self) -> None:
        self.writes += 1

    def _begin(self) -> None:
        for service in OWN_SERVICES:
            self.world.stores.setdefault(service, _new_store(service))
        if self.seed:
            chosen.apply(self.world, self.seed)
        else:
            self.world.accounts[LONE_ACCOUNT] = "alone"
            self.world.organisation.add(LONE_ACCOUNT)
        for account in self.world.accounts:
            root_key(self.world, account)


def _new_store(service: str) -> Any:
    return sts.new_store() if service == "sts" else importlib.import_module(f"awsim.{service}").new_store()
