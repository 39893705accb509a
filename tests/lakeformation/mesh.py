"""Accesses and a pretend catalog that obeys a plan, for tests of the pure core."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from lakeformation.atoms import Link, Permission, Place
from lakeformation.columns import EVERY, ColumnSet
from lakeformation.desired import Wish, desired
from lakeformation.observation import Invitation, Observation
from lakeformation.planning import Plan, plan
from lakeformation.rows import Held
from lakeformation.wanted import Access

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROLE = "arn:aws:iam::333333333333:role/bi"
GOVERNANCE = Place("111111111111", "eu-central-1")
CONSUMER = Place("333333333333", "eu-central-1")


def access(*columns: str, **changes: Any) -> Access:
    """Of role bi to insurance_gold.claims; with no column named, to the whole table."""
    wanted = ColumnSet.include(columns) if columns else EVERY
    plain = Access(
        ROLE, "AROA1", "333333333333", "eu-central-1", "111111111111", "eu-central-1", "gov",
        "insurance_gold", "claims", "2026-01-01T00:00:00+00:00", wanted, "s3://gold/claims/", "arn:role",
    )  # fmt: skip
    return replace(plain, **changes)


def wish(number: int, wanted: Access, **changes: Any) -> Wish:
    return replace(Wish(number, wanted, tuple(wanted.permissions())), **changes)


@dataclass
class World:
    """Holds what a complete reading would show, and does what a plan's steps say."""

    held: Held = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    tables: dict[tuple[str, str], str] = field(
        default_factory=lambda: {("insurance_gold", "claims"): "2026-01-01T00:00:00+00:00"}
    )
    principals: dict[str, str] = field(default_factory=lambda: {ROLE: "AROA1"})
    locations: frozenset[str] = frozenset({"arn:aws:s3:::gold"})
    invitations: tuple[Invitation, ...] = ()
    carried: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset({"arn:aws:ram:eu-central-1:111111111111:resource-share/1"})

    def observe(self) -> Observation:
        return Observation(
            held=dict(self.held), links=frozenset(self.links),
            link_names=frozenset(link.name for link in self.links), locations=self.locations,
            tables=dict(self.tables), principals=dict(self.principals), invitations=self.invitations,
            carried=self.carried, accepted=self.accepted,
        )  # fmt: skip

    def plan(self, wishes: Iterable[Wish], now: datetime = NOW) -> Plan:
        wishes = list(wishes)
        seen = self.observe()
        return plan(desired(wishes, seen, now=now), seen, wishes)

    def obey(self, todo: Plan) -> None:
        for change in (change for step in todo.steps for change in step.changes):
            if isinstance(change.atom, Permission):
                self._write(change.action, change.atom, change.columns or EVERY)
            elif isinstance(change.atom, Link):
                (self.links.add if change.action == "link" else self.links.discard)(change.atom)
            elif isinstance(change.atom, Invitation):
                self.accepted |= {change.atom.share_arn}
                self.invitations = ()

    def _write(self, action: str, permission: Permission, columns: ColumnSet) -> None:
        before = self.held.pop(permission, ColumnSet.include(()))
        if action == "revoke" and before.but and not columns.but:
            raise AssertionError("Permissions modification is invalid: columns from a wildcard")
        after = before | columns if action == "grant" else before - columns
        if after:
            self.held[permission] = after

    def converge(self, wishes: Iterable[Wish], now: datetime = NOW) -> Plan:
        """Obey plans until there is nothing to do; the last, empty one."""
        wishes = list(wishes)
        for _ in range(5):
            todo = self.plan(wishes, now)
            if not todo.steps:
                return todo
            self.obey(todo)
        raise AssertionError(f"does not converge: {todo.steps}")
