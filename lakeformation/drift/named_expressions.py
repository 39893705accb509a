"""LF-Tag expressions that AWS keeps under a name: what is held by one follows its body, and no permission changes.

What the portal gives stands inline, so it is never ours. It may let somebody at what is granted here all the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.drift.differences import Difference, Kind
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import Held
from lakeformation.values.tag_expressions import TagExpression

MOST_NAMED = 3


@dataclass(frozen=True)
class NamedExpression:
    """As a reading found it `first`, and as it is now; None while AWS has none of the name."""

    first: TagExpression | None
    now: TagExpression | None

    def to_json(self) -> dict[str, Any]:
        return {
            "first": self.first and self.first.to_json(),
            "now": self.now and self.now.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "NamedExpression":
        first, now = value["first"], value["now"]
        return cls(first and TagExpression.of(first), now and TagExpression.of(now))


def names_held(held: Held) -> list[str]:
    """Names of the expressions by which anything is held."""
    return sorted({one.policy.name for one in held if one.policy and one.policy.name})


def compared(
    before: Mapping[str, NamedExpression], now: Mapping[str, TagExpression | None]
) -> dict[str, NamedExpression]:
    """By name; one by which nothing is held any more is forgotten."""
    return {
        name: NamedExpression(before[name].first if name in before else body, body)
        for name, body in now.items()
    }


def of_expressions(named: Mapping[str, NamedExpression], held: Held) -> Iterator[Difference]:
    """Those that are no longer as they were first found. Another change of the same one is another difference."""
    for name, one in sorted(named.items()):
        if one.now == one.first:
            continue
        body = digest(one.now.to_json() if one.now else None)
        text = f"expression {name} was {_worded(one.first)} and is {_worded(one.now)}; {_holders(name, held)}"
        yield Difference(Kind.EXPRESSION_CHANGED, "", "", "", text, thing=f"{name} {body}")


def _worded(body: TagExpression | None) -> str:
    return body.text if body else "not there"


def _holders(name: str, held: Held) -> str:
    who = sorted({p.principal.rsplit("/", 1)[-1] for p in held if p.policy and p.policy.name == name})
    more = f" and {len(who) - MOST_NAMED} more" if len(who) > MOST_NAMED else ""
    return f"{', '.join(who[:MOST_NAMED])}{more} hold permissions through it"
