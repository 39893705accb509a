"""Writes that readers see late: ListPermissions and GetResourceShareInvitations as they were a moment ago.

Only what is listed is late; what may be read is decided by what is. Field report: terraform-provider-aws
(a row is still listed after its revoke); data.all waits before it accepts an invitation.
"""

import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation.changes import read_change
from mocklake.lakeformation.resources import Resource
from mocklake.lakeformation.store import Book, Row
from mocklake.ram.store import Invitation, store_of
from mocklake.world import World

DELAYED = {"lakeformation": "ListPermissions", "ram": "GetResourceShareInvitations"}
_WRITES = ("Grant", "Revoke", "BatchGrant", "BatchRevoke", "Accept", "Reject", "Delete")
Put = Callable[[Any], Any]
"""Puts an earlier state (or none) in place and gives the one that was there."""


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
        invitations = {arn: replace(one) for arn, one in store_of(world).invitations.items()}
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
        self.changes = [one for one in self.changes if one.at > horizon] if seconds else []

    def _note_rows(self, rows: list[tuple[Book, str, Resource, Row | None]], seed: int) -> None:
        for book, who, on, before in rows:
            if book.find(who, on) != before:
                key, put = (id(book), who, on), _row_putter(book, who, on)
                self._note(key, before, put, seed)

    def _note_invitations(self, world: World, before: dict[str, Invitation], seed: int) -> None:
        now = store_of(world).invitations
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
