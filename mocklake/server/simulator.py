"""One running mocklake: its world, its faults, its calls and the state folder it is kept in."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from mocklake import manners, moto_bridge, partitions, sts
from mocklake.faults.around_handlers import CallEffects
from mocklake.faults.injected import Faults
from mocklake.iam.access_keys import CredentialStore, long_lived_key, root_key
from mocklake.manners import Manners
from mocklake.seeds import selection
from mocklake.seeds.mesh_file import SeedError
from mocklake.served_call import Happening
from mocklake.server import follow_up_events, snapshot
from mocklake.server.call_log import CallLog
from mocklake.server.operations import STORES, find_due_run, settle_runs
from mocklake.server.seed_images import IMAGES, Images
from mocklake.server.snapshot_health import SnapshotHealth
from mocklake.world import World

LONE_ACCOUNT = "111111111111"
log = logging.getLogger("mocklake")


@dataclass
class Simulator:
    """`seed` is what `mocklake.seeds.selection` takes; empty is a world of one account. Without a folder nothing is kept.

    `manners` is the name of a set, which prevails over the seed's; empty is the seed's, or `aws-like`. `partition` is
    that of the one account without a seed.
    """

    folder: Path | None
    seed: str = ""
    manners: str = ""
    partition: str = partitions.DEFAULT
    world: World = field(default_factory=World)
    faults: Faults = field(default_factory=Faults)
    calls: CallLog = field(default_factory=CallLog)
    writes: int = 0
    images: Images = IMAGES
    snapshot_health: SnapshotHealth = field(default_factory=SnapshotHealth)
    deliveries: int = 0
    """Log files that were delivered: a snapshot for each would be written without end, as who reads them is logged."""
    changed: Event = field(default_factory=Event)
    """Set by each write and delivery, for who writes snapshots."""
    rescheduled: Event = field(default_factory=Event)
    """Set when something is due at another time than before, for who waits for that."""
    _due: datetime | None = None

    def __post_init__(self) -> None:
        self.effects = CallEffects(self.world, self.faults)
        self.started_with = self.seed

    def open(self) -> None:
        """Restore what the folder holds, or seed when it holds nothing. Raises SeedError."""
        self.world.stores["sts"] = sts.new_store()
        selection.check(self.seed)
        if self.folder is None:
            self._begin_with(self._chosen_at_start())
            return
        restored = snapshot.read(self.folder)
        if restored is None:
            self._begin_with(self._chosen_at_start())
            self.wrote()
        else:
            self.world = restored
            self.effects = CallEffects(self.world, self.faults)

    def reset(self, seed: str = "") -> None:
        """Back to the seed, or to another one, which is the seed from then on.

        Long-lived keys stay valid: whoever runs beside mocklake still holds them. Raises SeedError for a seed that is
        not there or no longer reads, and then leaves everything as it is. A Python module is imported only when
        mocklake was started with it: a caller of the control API must not choose what code runs.
        """
        if selection.is_module(seed) and seed != self.started_with:
            raise SeedError(
                f"{seed} is a Python module, which is a seed only when mocklake is started with it"
            )
        selection.check(seed or self.seed)
        with self.world.lock, self._kept_if_refused():
            self.seed = seed or self.seed
            kept = self.world.manners if self.world.manners.is_chosen else None
            fresh = World()
            fresh.lock = self.world.lock
            fresh.stores["sts"] = _lasting(self.world.stores["sts"])
            self.world.__dict__.update(fresh.__dict__)
            self._begin_with(kept)
            self.effects.buckets.levels.clear()
            self.end_faults()
            self.calls.clear()
            self.wrote()

    @contextmanager
    def _kept_if_refused(self) -> Iterator[None]:
        """An empty moto; when the seed is refused, what was there is there again."""
        seed, world, parked = self.seed, dict(self.world.__dict__), moto_bridge.exchange({})
        try:
            yield
        except Exception:
            self.seed = seed
            self.world.__dict__.update(world)
            moto_bridge.exchange(parked)
            raise
        moto_bridge.discard(parked)

    def end_faults(self) -> None:
        with self.world.lock:
            self.faults.clear()
            self.effects.veils.forget()

    def follow(self, happening: Happening) -> None:
        """What comes of a call that was served: its record in CloudTrail, and events about it."""
        with self.world.lock:
            follow_up_events.follow(self.world, self.faults, happening)
            self._reschedule()

    def tick(self) -> None:
        """Brings what is due by mocklake's clock; asked before each call, and now and then by the server."""
        with self.world.lock:
            settled = settle_runs(self.world, self._tell)
            arrived = follow_up_events.arrive(self.world) or settled
            files = follow_up_events.deliver_files(self.world)
            self._reschedule()
        if arrived:
            self.wrote()
        if files:
            self.deliveries += 1
            self.changed.set()

    def seconds_until_due(self) -> float | None:
        """By mocklake's clock; None while nothing is on its way."""
        with self.world.lock:
            self._due = self._find_due()
            return None if self._due is None else max(0.0, (self._due - self.world.now()).total_seconds())

    def _find_due(self) -> datetime | None:
        moments = [follow_up_events.find_due(self.world), find_due_run(self.world)]
        return min((moment for moment in moments if moment), default=None)

    def _reschedule(self) -> None:
        if self._find_due() != self._due:
            self.rescheduled.set()

    def _tell(self, made: Happening) -> None:
        """A call that was made from inside is recorded and followed as any other."""
        self.calls.add(
            time=self.world.now().isoformat(),
            account=made.caller.account if made.caller else "",
            principal=made.caller.session_arn if made.caller else "",
            service=made.service,
            operation=made.operation,
            region=made.region,
            error=made.code,
            request_id=made.request_id,
        )
        self.follow(made)

    def wrote(self) -> None:
        self.writes += 1
        self.changed.set()
        self.rescheduled.set()

    def _chosen_at_start(self) -> Manners | None:
        return replace(manners.get_named(self.manners), is_chosen=True) if self.manners else None

    def _begin_with(self, chosen: Manners | None) -> None:
        """With the seed's manners unless others were chosen."""
        self._begin_as_before()
        if chosen:
            manners.choose(self.world, chosen)

    def _begin_as_before(self) -> None:
        """From the seed's image where there is one; its lasting keys are those that clients hold already."""
        state = self.images.find(self.seed)
        if state is None:
            self._begin()
            return
        moto_bridge.load(state["moto"])
        seeded, kept = state["world"], self.world.stores["sts"]
        roles = list(seeded.stores["sts"].long_lived_roles)
        self.world.__dict__.update(seeded.__dict__ | {"lock": self.world.lock})
        self.world.stores["sts"] = kept
        for arn in roles:
            role = moto_bridge.role(arn.split(":")[4], arn.rpartition("/")[2])
            if role is not None:
                long_lived_key(self.world, arn, role.id)
        self._give_root_keys()

    def _begin(self) -> None:
        began = datetime.now(UTC)
        for service, new_store in STORES.items():
            if service not in self.world.stores:
                self.world.stores[service] = new_store()
        manners.choose(self.world, manners.AWS_LIKE)
        if self.seed:
            selection.apply(self.world, self.seed)
        else:
            self.world.accounts[LONE_ACCOUNT] = "alone"
            self.world.organisation.add(LONE_ACCOUNT)
        self._give_root_keys()
        self.images.keep(self.seed, began, {"world": self.world, "moto": moto_bridge.dump()})

    def _give_root_keys(self) -> None:
        if not self.seed:
            moto_bridge.put_account(LONE_ACCOUNT, self.partition)
        for account in self.world.accounts:
            root_key(self.world, account)


def _lasting(keys: CredentialStore) -> CredentialStore:
    by_key = {key: one for key, one in keys.by_key.items() if one.expires is None}
    return replace(keys, by_key=by_key, roots=dict(keys.roots), long_lived_roles=dict(keys.long_lived_roles))
