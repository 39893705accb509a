"""LF-Tag expressions: which databases, tables and columns they reach, and permissions held by them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lakeformation.values.canonical_json import digest

ANY_VALUE = "*"
"""In an expression: whatever the value."""
MAX_RESOURCE_LENGTH = 500


@dataclass(frozen=True, order=True)
class TagExpression:
    """Keys, each with the values of which one must be there: all keys must fit (AWS, "tag-based access control").

    Keys and values are folded to lower case and sorted, as Lake Formation stores them. An empty one fits nothing.
    """

    keys: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def from_values(cls, values: Mapping[str, Iterable[str]]) -> "TagExpression":
        folded: dict[str, set[str]] = {}
        for key, some in values.items():
            folded.setdefault(key.lower(), set()).update(value.lower() for value in some)
        return cls(tuple((key, tuple(sorted(folded[key]))) for key in sorted(folded)))

    def __bool__(self) -> bool:
        return bool(self.keys)

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether tags in force, one value of a key, are among what is asked for."""
        return bool(self.keys) and all(
            key in tags and (tags[key] in values or ANY_VALUE in values) for key, values in self.keys
        )

    @property
    def text(self) -> str:
        """`domain=insurance AND tier IN (gold, silver)`."""
        return " AND ".join(
            f"{key}={values[0]}" if len(values) == 1 else f"{key} IN ({', '.join(values)})"
            for key, values in self.keys
        )

    def to_json(self) -> dict[str, list[str]]:
        return {key: list(values) for key, values in self.keys}

    def to_aws(self) -> list[dict[str, Any]]:
        """In the shape in which AWS takes and lists it."""
        return [{"TagKey": key, "TagValues": list(values)} for key, values in self.keys]

    @classmethod
    def from_aws(cls, pairs: Iterable[Mapping[str, Any]]) -> "TagExpression":
        return cls.from_values({pair["TagKey"]: pair["TagValues"] for pair in pairs})


@dataclass(frozen=True, order=True)
class TagPolicy:
    """What a permission by LF-Tags is held on: every database, or every table (`kind` DATABASE or TABLE), that an
    expression reaches. One that has a `name` is kept in AWS and may change there; ours stand inline.
    """

    kind: str
    expression: TagExpression
    name: str = ""

    @cached_property
    def resource(self) -> str:
        """In words, and the name under which writes to it are serial; a very long one ends in its digest."""
        by = f"expression {self.name}" if self.name else self.expression.text
        words = f"{self.kind.lower()}s with {by}"
        if len(words) <= MAX_RESOURCE_LENGTH:
            return words
        return f"{words[:MAX_RESOURCE_LENGTH]}… {digest(self.to_json())[:16]}"

    @property
    def is_expression_unknown(self) -> bool:
        """Whether only its name is known, as AWS lists it."""
        return bool(self.name) and not self.expression.keys

    @property
    def key(self) -> str:
        """Short, and the same for the same policy."""
        return f"{self.kind}:{digest(self.to_json())}"

    def to_json(self) -> dict[str, Any]:
        named = {"name": self.name} if self.name else {}
        return {"kind": self.kind, "tags": self.expression.to_json(), **named}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TagPolicy":
        return cls(value["kind"], TagExpression.from_values(value["tags"]), value.get("name", ""))


def is_tag_policy_resource(resource: str) -> bool:
    """Whether a resource as named above is what LF-Tags reach."""
    return resource.startswith(("databases with ", "tables with "))
