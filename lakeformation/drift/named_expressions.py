"""LF-Tag expressions that AWS keeps under a name: what is held by one follows its body, and no permission changes.

The portal's own grants use inline expressions. Others may use named ones on the same data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.drift.differences import Difference, DifferenceKind
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import HeldPermissions
from lakeformation.values.tag_expressions import TagExpression

MAX_NAMES = 3


@dataclass(frozen=True)
class NamedExpression:
    """`original` as first read, `current` as last read; None if AWS has no expression of this name."""

    original: TagExpression | None
    current: TagExpression | None

    def to_json(self) -> dict[str, Any]:
        return {
            "first": self.original and self.original.to_json(),
            "now": self.current and self.current.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "NamedExpression":
        first, now = value["first"], value["now"]
        return cls(first and TagExpression.from_values(first), now and TagExpression.from_values(now))


def list_expression_names(held: HeldPermissions) -> list[str]:
    """Names of the expressions by which anything is held."""
    return sorted({one.policy.name for one in held if one.policy and one.policy.name})


def update_named_expressions(
    before: Mapping[str, NamedExpression], current: Mapping[str, TagExpression | None]
) -> dict[str, NamedExpression]:
    """By name; expressions that no permission uses any more are dropped."""
    return {
        name: NamedExpression(before[name].original if name in before else body, body)
        for name, body in current.items()
    }


def find_expression_differences(
    named: Mapping[str, NamedExpression], held: HeldPermissions
) -> Iterator[Difference]:
    """Expressions that changed since they were first read. Each further change is another difference."""
    for name, one in sorted(named.items()):
        if one.current == one.original:
            continue
        body = digest(one.current.to_json() if one.current else None)
        who = sorted({p.principal.rsplit("/", 1)[-1] for p in held if p.policy and p.policy.name == name})
        more = f" and {len(who) - MAX_NAMES} more" if len(who) > MAX_NAMES else ""
        holders_text = f"{', '.join(who[:MAX_NAMES])}{more} hold permissions through it"
        text = f"expression {name} was {_describe_expression(one.original)} and is {_describe_expression(one.current)}; {holders_text}"
        yield Difference(DifferenceKind.EXPRESSION_CHANGED, "", "", "", text, subject=f"{name} {body}")


def _describe_expression(body: TagExpression | None) -> str:
    return body.text if body else "not there"
