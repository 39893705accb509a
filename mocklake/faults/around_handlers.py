"""What befalls a call around its handler: rates, overlap, partial batches, late visibility.

AWS answers ConcurrentModificationException to parallel changes of one resource (field reports: data.all #1572,
aws-cdk #36215; DG: troubleshooting). Which of them loses is assumed: the later one.

Only what is listed is late; what may be read is decided by what is. Field report: terraform-provider-aws
(a row is still listed after its revoke); data.all waits before it accepts an invitation.
"""

import json
import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from threading import Lock
from typing import Any

from mocklake import protocols
from mocklake.errors import AwsError
from mocklake.faults.injected import Fault, Faults, TokenBuckets, throttled
from mocklake.iam.callers import Caller
from mocklake.lakeformation.changes import read_change
from mocklake.lakeformation.grants import BATCH_LIMIT
from mocklake.lakeformation.resources import Resource
from mocklake.lakeformation.store import Book, Row
from mocklake.ram.shares import Invitation, get_store
from mocklake.world import World

Handle = Callable[[dict[str, Any]], dict[str, Any]]
CODE = "ConcurrentModificationException"
_NAMES = ("DatabaseName", "TableName", "Name", "TagKey", "ResourceArn")
_INPUTS = ("TableInput", "DatabaseInput", "TableData")
_WHOLE_TABLE = ("Table", "TableWithColumns", "DataCellsFilter")
BATCHES = ("BatchGrantPermissions", "BatchRevokePermissions")
DEFAULT_CODE = "InternalServiceException"
DELAYED = {"lakeformation": "ListPermissions", "ram": "GetResourceShareInvitations"}
_WRITES = ("Grant", "Revoke", "BatchGrant", "BatchRevoke", "Accept", "Reject", "Delete")
Put = Callable[[Any], Any]
"""Puts an earlier state (or none) in place and gives the one that was there."""


@dataclass
class Overlaps:
    """The resources that writes are on at this moment."""

    busy: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @contextmanager
    def entered(self, keys: list[str]) -> Iterator[set[str]]:
        """Gives the keys that others are on; the rest are ours until the end of the block."""
        with self._lock:
            taken = self.busy & set(keys)
            own = set(keys) - taken
            self.busy |= own
        try:
            yield taken
        finally:
            with self._lock:
                self.busy -= own


@dataclass
class CallEffects:
    """What manners and faults do to calls; keeps what is under way and what readers do not see yet."""

    world: World
    faults: Faults
    under_way: Overlaps = field(default_factory=Overlaps)
    buckets: TokenBuckets = field(default_factory=TokenBuckets)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self.veils = Veils(clock=self._now)

    def _now(self) -> float:
        """Seconds by mocklake's clock, which the control API moves."""
        return time.monotonic() + self.world.clock_offset.total_seconds()

    def check_rate(self, caller: Caller, region: str, service: str, operation: str) -> None:
        """Raises AwsError when the account has made so many calls of the operation already."""
        rate = self.world.manners.get_rate(service, operation)
        if rate is None:
            return
        key = (caller.account, region, service, operation)
        with self._lock:
            taken = self.buckets.take(key, rate=rate.per_second, burst=rate.burst, now=self._now())
        if not taken:
            raise throttled(service)

    def around(
        self, caller: Caller, service: str, operation: str, params: dict[str, Any], handle: Handle
    ) -> dict[str, Any]:
        """The handler's answer; it is asked under the world's lock, all waiting is done before."""
        with ExitStack() as stack:
            keys, taken, slow = self._enter(stack, caller, service, operation, params)
            if slow:
                time.sleep(slow)
            if operation in BATCHES:
                failing = self._failing(caller, operation, params)
                collided = {n: error(service, operation) for n, key in enumerate(keys) if key in taken}
                return self.seen(
                    caller, service, operation, params,
                    lambda asked: without(asked, collided | failing, handle),
                )  # fmt: skip
            if taken:
                raise error(service, operation)
            return self.seen(caller, service, operation, params, handle)

    def _enter(
        self, stack: ExitStack, caller: Caller, service: str, operation: str, params: dict[str, Any]
    ) -> tuple[list[str], set[str], float]:
        """The keys of what the call writes, those that other writes are on, and the seconds that it takes."""
        faults = self.faults.standing("overlap", service, operation, caller.account)
        manners = self.world.manners
        is_usual = manners.overlaps and service == "lakeformation"
        if not (faults or is_usual) or not may_collide(service, operation):
            return [], set(), 0.0
        keys = keys_of(service, caller.account, caller.region, params)
        taken = stack.enter_context(self.under_way.entered(keys))
        usual = manners.write_milliseconds / 1000 if is_usual else 0.0
        return keys, taken, max(usual, _seconds(faults))

    def _failing(self, caller: Caller, operation: str, params: dict[str, Any]) -> dict[int, AwsError]:
        failing: dict[int, AwsError] = {}
        number = len(params.get("Entries", []))
        if number > BATCH_LIMIT:
            return failing
        for fault in self.faults.standing("partial", "lakeformation", operation, caller.account):
            struck = self.faults.draw(fault, number)
            failing |= {n: injected(fault.code) for n, hit in enumerate(struck) if hit}
        return failing

    def seen(
        self, caller: Caller, service: str, operation: str, params: dict[str, Any], handle: Handle
    ) -> dict[str, Any]:
        """The handler's answer, with what a delay of visibility hides from it or from later readers."""
        usual = self.world.switches.late_listing_milliseconds / 1000
        if not usual and not any(one.kind == "delay" for one in self.faults.active):
            return handle(params)
        with self.world.lock:
            if DELAYED.get(service) == operation:
                late = usual + _seconds(self.faults.standing("delay", service, operation, caller.account))
                with self.veils.in_front(late):
                    return handle(params)
            self.veils.forget(usual + _seconds([one for one in self.faults.active if one.kind == "delay"]))
            with self.veils.recorded(self.world, caller, operation, params, self.world.manners.seed):
                return handle(params)


def _seconds(faults: list[Fault]) -> float:
    return max((fault.milliseconds for fault in faults), default=0) / 1000


def error(service: str, operation: str) -> AwsError:
    if service == "lakeformation":
        text = "Permission update/Delete failed for Resource. Please retry in a short while."
    else:
        text = f"{operation} failed due to concurrent modifications."
    return AwsError(CODE, text)


@cache
def may_collide(service: str, operation: str) -> bool:
    """The service model lists the error for the operation, or for the single calls of which it is a batch."""
    single = {"BatchGrantPermissions": "GrantPermissions", "BatchRevokePermissions": "RevokePermissions"}
    if service not in ("lakeformation", "glue"):
        return False
    shapes = protocols.model(service).operation_model(single.get(operation, operation)).error_shapes
    return any(shape.name == CODE for shape in shapes)


def keys_of(service: str, account: str, region: str, params: dict[str, Any]) -> list[str]:
    """One text for each resource that a write is on; of a batch one for each entry, in their order."""
    batch = params.get("Entries") if service == "lakeformation" else None
    entries = batch if isinstance(batch, list) else [params]
    return [
        _key(service, account, region, params, entry) for entry in entries or [] if isinstance(entry, dict)
    ]


def _key(service: str, account: str, region: str, params: dict[str, Any], entry: dict[str, Any]) -> str:
    catalog = params.get("CatalogId") or account
    resource = entry.get("Resource")
    if isinstance(resource, dict) and resource:
        kind, body = next(iter(resource.items()))
        place = _place(kind, body if isinstance(body, dict) else {})
        catalog = (body or {}).get("CatalogId") or (body or {}).get("TableCatalogId") or catalog
    else:
        place = _named(entry)
        catalog = (entry.get("TableData") or entry).get("TableCatalogId") or catalog
    return json.dumps([service, catalog, region, *place])


def _place(kind: str, body: dict[str, Any]) -> list[str]:
    """A table's columns and filters are the table: AWS keeps their permissions together (assumed)."""
    if kind not in _WHOLE_TABLE:
        return [kind, json.dumps(body.get("Name") or body.get("TagKey") or body.get("ResourceArn") or "")]
    return ["Table", _lower(body, "DatabaseName"), _lower(body, "TableName") or _lower(body, "Name") or "*"]


def _named(entry: dict[str, Any]) -> list[str]:
    data: dict[str, Any] = next((entry[name] for name in _INPUTS if isinstance(entry.get(name), dict)), {})
    return [_lower(entry, name) or _lower(data, name) for name in _NAMES]


def _lower(body: dict[str, Any], name: str) -> str:
    return str(body.get(name) or "").lower()


def injected(code: str) -> AwsError:
    return AwsError(code or DEFAULT_CODE, "refused by an injected fault")


def without(params: dict[str, Any], failing: dict[int, AwsError], handle: Handle) -> dict[str, Any]:
    """The answer for the whole batch; the handler is asked with the entries that are not to fail."""
    entries = params.get("Entries", [])
    kept = [entry for index, entry in enumerate(entries) if index not in failing]
    answer = handle({**params, "Entries": kept}) if kept or not failing else {"Failures": []}
    own = [
        {"RequestEntry": entries[index], "Error": {"ErrorCode": error.code, "ErrorMessage": error.message}}
        for index, error in sorted(failing.items())
    ]
    return {**answer, "Failures": [*answer["Failures"], *own]}


@dataclass(frozen=True)
class _Change:
    at: float
    key: tuple[Any, ...]
    before: Any
    put: Put
    share: float = 1.0
    """Of the time for which listings may be late, for how much of it this change is not seen."""


@dataclass
class Veils:
    """What was changed lately and how it was before; used under the world's lock only."""

    changes: list[_Change] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic
    count: int = 0
    """Of all changes so far: from it and a seed a change's share is drawn."""

    @contextmanager
    def recorded(
        self, world: World, caller: Caller, operation: str, params: dict[str, Any], seed: int = 0
    ) -> Iterator[None]:
        """With a seed each change is seen after a time of its own, so that a later one may be seen before it."""
        if not operation.startswith(_WRITES):
            yield
            return
        rows = [
            (book, who, on, deepcopy(book.find(who, on))) for book, who, on in _rows(world, caller, params)
        ]
        invitations = {arn: replace(one) for arn, one in get_store(world).invitations.items()}
        try:
            yield
        finally:
            self._note_rows(rows, seed)
            self._note_invitations(world, invitations, seed)

    @contextmanager
    def in_front(self, seconds: float) -> Iterator[None]:
        """Within the block the world's rows and invitations are as listings that are late by `seconds` show them."""
        now = self.clock()
        oldest: dict[tuple[Any, ...], _Change] = {}
        for change in self.changes:
            if change.at > now - seconds * change.share:
                oldest.setdefault(change.key, change)
        present = [(change.put, change.put(change.before)) for change in oldest.values()]
        try:
            yield
        finally:
            for put, state in present:
                put(state)

    def forget(self, seconds: float = 0) -> None:
        horizon = self.clock() - seconds
        self.changes = [change for change in self.changes if change.at > horizon] if seconds else []

    def _note_rows(self, rows: list[tuple[Book, str, Resource, Row | None]], seed: int) -> None:
        for book, who, on, before in rows:
            if book.find(who, on) != before:
                key, put = (id(book), who, on), _row_putter(book, who, on)
                self._note(key, before, put, seed)

    def _note_invitations(self, world: World, before: dict[str, Invitation], seed: int) -> None:
        now = get_store(world).invitations
        for arn in before.keys() | now.keys():
            was, is_now = before.get(arn), now.get(arn)
            if (was and was.status) != (is_now and is_now.status):
                put = _invitation_putter(now, arn)
                self._note(("invitation", arn), was, put, seed)

    def _note(self, key: tuple[Any, ...], before: Any, put: Put, seed: int) -> None:
        self.count += 1
        share = Random(f"{seed}:{self.count}").random() if seed else 1.0
        self.changes.append(_Change(self.clock(), key, before, put, share))


def _rows(world: World, caller: Caller, params: dict[str, Any]) -> Iterator[tuple[Book, str, Resource]]:
    for entry in params.get("Entries", [params]):
        try:
            change = read_change(world, caller, entry, params.get("CatalogId"))
        except (AwsError, KeyError):
            continue
        yield change.book(world), change.key, change.resource


def _row_putter(book: Book, who: str, on: Resource) -> Put:
    """Only what a listing reads is exchanged: the counts that decide on access stay as they are."""

    def put(state: Row | None) -> Row | None:
        present = book.find(who, on)
        if present is not None:
            del book.on[on][who]
            del book.by_serial[present.serial]
            del book.serials[bisect_left(book.serials, present.serial)]
        if state is not None:
            book.on.setdefault(on, {})[who] = state
            book.by_serial[state.serial] = state
            insort(book.serials, state.serial)
        elif not book.on.get(on, True):
            del book.on[on]
        return present

    return put


def _invitation_putter(held: dict[str, Invitation], arn: str) -> Put:
    def put(state: Invitation | None) -> Invitation | None:
        present = held.pop(arn, None)
        if state is not None:
            held[arn] = state
        return present

    return put
