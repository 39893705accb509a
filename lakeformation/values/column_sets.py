"""Sets of columns: some by name, or all but some. All-but-some admits every future column."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ColumnSet:
    """`names` alone, or, when `but` is true, every column of now and later but `names`.

    Names are told apart as AWS does, without regard to case: Lake Formation lists a grant on `Amount` as
    `amount`, and a set that saw a difference there would have it granted for ever. So a set is made by `include` or
    `every`, which fold them; what is computed of sets is folded already.
    """

    listed: frozenset[str]
    but: bool = False

    @classmethod
    def include(cls, names: Iterable[str]) -> "ColumnSet":
        return cls(frozenset(map(str.lower, names)))

    @classmethod
    def every(cls, *, but: Iterable[str] = ()) -> "ColumnSet":
        return cls(frozenset(map(str.lower, but)), but=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The listed names in order: included ones, or the exceptions."""
        return tuple(sorted(self.listed))

    @property
    def is_every(self) -> bool:
        """Whether no column is left out, future ones included."""
        return self.but and not self.listed

    def __bool__(self) -> bool:
        return self.but or bool(self.listed)

    def __contains__(self, name: str) -> bool:
        return (name.lower() in self.listed) != self.but

    def __invert__(self) -> "ColumnSet":
        return ColumnSet(self.listed, but=not self.but)

    def __or__(self, other: "ColumnSet") -> "ColumnSet":
        if self is other or not other:
            return self
        if not self:
            return other
        if self.but and other.but:
            return ColumnSet(self.listed & other.listed, but=True)
        if self.but:
            return ColumnSet(self.listed - other.listed, but=True)
        if other.but:
            return ColumnSet(other.listed - self.listed, but=True)
        return ColumnSet(self.listed | other.listed)

    def __and__(self, other: "ColumnSet") -> "ColumnSet":
        if self.but and other.but:
            return ColumnSet(self.listed | other.listed, but=True)
        if self.but:
            return ColumnSet(other.listed - self.listed)
        if other.but:
            return ColumnSet(self.listed - other.listed)
        return ColumnSet(self.listed & other.listed)

    def __sub__(self, other: "ColumnSet") -> "ColumnSet":
        return self & ~other if self and other else self

    def __le__(self, other: "ColumnSet") -> bool:
        return not self - other

    def to_json(self) -> dict[str, list[str]]:
        """`{"include": [names]}` or `{"except": [names]}`, sorted."""
        return {"except" if self.but else "include": sorted(self.listed)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ColumnSet":
        if "except" in value:
            return cls.every(but=value["except"])
        return cls.include(value["include"])


NONE = ColumnSet.include(())
EVERY = ColumnSet.every()
