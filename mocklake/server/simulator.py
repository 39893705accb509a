"""One running mocklake: its world, its faults, its calls and the state folder it is kept in.

An image is a pickle whose times are moved on when it is put in place, so that an invitation of the seed is as
fresh after a reset as it was at the start.
"""

import hashlib
import logging
import pickle
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event, Lock
from typing import Any

from mocklake import manners, moto_bridge, partitions, sts
from mocklake.faults.around_handlers import CallEffects
from mocklake.faults.injected import Faults
from mocklake.iam.access_keys import CredentialStore, long_lived_key, root_key
from mocklake.manners import Manners
from mocklake.seeds import selection
from mocklake.seeds.mesh_file import SeedError
from mocklake.served_call import Happening
from mocklake.server import follow_up_events, snapshot
from mocklake.server.operations import STORES, find_due_run, settle_runs
from mocklake.server.snapshot import Pickler, SnapshotHealth, dump_state
from mocklake.world import World

LONE_ACCOUNT = "111111111111"
log = logging.getLogger("mocklake")
KEPT = 5_000
LARGEST = 16_000_000
"""In bytes; a larger mesh is made anew, which costs less than its image in memory for ever."""
_moved_on: ContextVar[timedelta] = ContextVar("moved_on", default=timedelta())


@dataclass(frozen=True)
class CallRecord:
    """`error` is the AWS error code, empty for success; `number` grows by one with every call."""

    number: int
    time: str
    account: str
    principal: str
    service: str
    operation: str
    region: str
    error: str
    request_id: str


@dataclass
class CallLog:
    """A ring of the newest calls, and a count of what was asked for in vain."""

    records: deque[CallRecord] = field(default_factory=lambda: deque(maxlen=KEPT))
    unimplemented: Counter[str] = field(default_factory=Counter)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, **fields: str) -> None:
        with self._lock:
            self.records.append(CallRecord(number=next(self._numbers), **fields))
            if fields["error"] == "MocklakeNotImplemented":
                self.unimplemented[f"{fields['service']}:{fields['operation']}"] += 1

    def since(self, number: int) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(record) for record in self.records if record.number > number]

    def clear(self) -> None:
        with self._lock:
            self.records.clear()
            self.unimplemented.clear()


class Images:
    """By seed and the content of its file."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[datetime, bytes]] = {}

    def keep(self, seed: str, began: datetime, state: Any) -> None:
        """`began` is when seeding began: no time before it is the seed's own."""
        try:
            with _count_from(began):
                content = dump_state(state, _ImagePickler, LARGEST)
        except OverflowError:
            return
        self._held[_build_key(seed)] = began, content

    def find(self, seed: str) -> Any | None:
        """What was kept, as if it had been made now; None for what was not seen or has changed since."""
        began, content = self._held.get(_build_key(seed), (None, b""))
        if began is None:
            return None
        token = _moved_on.set(datetime.now(UTC) - began)
        try:
            return pickle.loads(content)  # noqa: S301  (made by this process)
        finally:
            _moved_on.reset(token)


class _ImagePickler(Pickler):
    def reducer_override(self, value: Any) -> Any:
        if type(value) is datetime and _make_aware(value) >= _began.get():
            return _move_time, (value.isoformat(),)
        return super().reducer_override(value)


_began: ContextVar[datetime] = ContextVar("began")


def _build_key(seed: str) -> str:
    return f"{seed} {hashlib.sha256(selection.content(seed)).hexdigest()}"


@contextmanager
def _count_from(began: datetime) -> Iterator[None]:
    token = _began.set(began)
    try:
        yield
    finally:
        _began.reset(token)


def _make_aware(value: datetime) -> datetime:
    """Moto's times have no zone and mean UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _move_time(text: str) -> datetime:
    return datetime.fromisoformat(text) + _moved_on.get()


IMAGES = Images()
"""Of this process: several simulators in it begin from the same ones."""


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
        restored = snapshot.read_snapshot(self.folder)
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
            fresh.stores["sts"] = _list_lasting(self.world.stores["sts"])
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


def _list_lasting(keys: CredentialStore) -> CredentialStore:
    by_key = {key: one for key, one in keys.by_key.items() if one.expires is None}
    return replace(keys, by_key=by_key, roots=dict(keys.roots), long_lived_roles=dict(keys.long_lived_roles))
