"""What befalls a call around its handler: rates, overlap, partial batches, late visibility."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from mocklake.errors import AwsError
from mocklake.faults import late_visibility, overlaps, partial_batches
from mocklake.faults.injected import Fault, Faults, throttled
from mocklake.faults.token_buckets import TokenBuckets
from mocklake.iam.callers import Caller
from mocklake.lakeformation.grants import BATCH_LIMIT
from mocklake.world import World

Handle = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class CallEffects:
    """What manners and faults do to calls; keeps what is under way and what readers do not see yet."""

    world: World
    faults: Faults
    under_way: overlaps.Overlaps = field(default_factory=overlaps.Overlaps)
    buckets: TokenBuckets = field(default_factory=TokenBuckets)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self.veils = late_visibility.Veils(clock=self._now)

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
            if operation in partial_batches.BATCHES:
                failing = self._failing(caller, operation, params)
                collided = {
                    n: overlaps.error(service, operation) for n, key in enumerate(keys) if key in taken
                }
                return self.seen(
                    caller, service, operation, params,
                    lambda asked: partial_batches.without(asked, collided | failing, handle),
                )  # fmt: skip
            if taken:
                raise overlaps.error(service, operation)
            return self.seen(caller, service, operation, params, handle)

    def _enter(
        self, stack: ExitStack, caller: Caller, service: str, operation: str, params: dict[str, Any]
    ) -> tuple[list[str], set[str], float]:
        """The keys of what the call writes, those that other writes are on, and the seconds that it takes."""
        faults = self.faults.standing("overlap", service, operation, caller.account)
        manners = self.world.manners
        is_usual = manners.overlaps and service == "lakeformation"
        if not (faults or is_usual) or not overlaps.may_collide(service, operation):
            return [], set(), 0.0
        keys = overlaps.keys_of(service, caller.account, caller.region, params)
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
            failing |= {n: partial_batches.injected(fault.code) for n, hit in enumerate(struck) if hit}
        return failing

    def seen(
        self, caller: Caller, service: str, operation: str, params: dict[str, Any], handle: Handle
    ) -> dict[str, Any]:
        """The handler's answer, with what a delay of visibility hides from it or from later readers."""
        usual = self.world.switches.late_listing_milliseconds / 1000
        if not usual and not any(one.kind == "delay" for one in self.faults.active):
            return handle(params)
        with self.world.lock:
            if late_visibility.DELAYED.get(service) == operation:
                late = usual + _seconds(self.faults.standing("delay", service, operation, caller.account))
                with self.veils.in_front(late):
                    return handle(params)
            self.veils.forget(usual + _seconds([one for one in self.faults.active if one.kind == "delay"]))
            with self.veils.recorded(self.world, caller, operation, params, self.world.manners.seed):
                return handle(params)


def _seconds(faults: list[Fault]) -> float:
    return max((one.milliseconds for one in faults), default=0) / 1000
