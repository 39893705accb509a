"""Permissions by LF-Tags as ListPermissions tells them: an expression instead of a name, and whom it opens what."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ANY_VALUE = "*"
Expression = tuple[tuple[str, tuple[str, ...]], ...]
"""Keys with the values of which a thing must have one; every key counts."""


@dataclass(frozen=True)
class TagPolicy:
    """`kind` is DATABASE or TABLE; `named` is the named expression that the policy follows instead of its own."""

    principal: str
    kind: str
    verbs: frozenset[str]
    expression: Expression
    named: str = ""

    def lacking(self, tags: Mapping[str, str]) -> tuple[str, ...]:
        """The keys for which a thing with these tags has no value that fits; none: the policy reaches it."""
        return tuple(
            key
            for key, values in self.expression
            if key not in tags or (ANY_VALUE not in values and tags[key] not in values)
        )

    def worded(self) -> str:
        """`tier in (gold, silver) and domain in (insurance)`."""
        if self.named:
            return f"the named expression {self.named}"
        return " and ".join(f"{key} in ({', '.join(values)})" for key, values in self.expression)

    def to_json(self) -> dict[str, Any]:
        return {
            "principal": self.principal,
            "kind": self.kind,
            "verbs": sorted(self.verbs),
            "expression": [[key, list(values)] for key, values in self.expression],
            "named": self.named,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TagPolicy":
        expression = tuple((key, tuple(values)) for key, values in value["expression"])
        return cls(value["principal"], value["kind"], frozenset(value["verbs"]), expression, value["named"])


def tag_policies(rows: Iterable[Mapping[str, Any]]) -> tuple[TagPolicy, ...]:
    """Those of the rows of ListPermissions that are on an LF-Tag policy (botocore model: LFTagPolicyResource)."""
    return tuple(_policies(rows))


def _policies(rows: Iterable[Mapping[str, Any]]) -> Iterator[TagPolicy]:
    for row in rows:
        policy = row["Resource"].get("LFTagPolicy")
        if policy is None:
            continue
        parts = sorted(
            (one["TagKey"], tuple(sorted(one["TagValues"]))) for one in policy.get("Expression", ())
        )
        yield TagPolicy(
            row["Principal"]["DataLakePrincipalIdentifier"],
            policy["ResourceType"],
            frozenset(row.get("Permissions", ())),
            tuple(parts),
            policy.get("ExpressionName", ""),
        )
