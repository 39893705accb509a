"""Sets of columns: by name, or all except some, which includes every future column."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ColumnSet:
    """Only `names`, or, when `is_exclusion` is true, every present and future column except `names`.

    Names are case-insensitive, as in AWS: Lake Formation lists a grant on `Amount` as
    `amount`, and a case-sensitive set would be granted again and again. So a set is made by `include` or
    `every`, which fold them; what is computed of sets is folded already.
    """

    listed: frozenset[str]
    is_exclusion: bool = False

    @classmethod
    def include(cls, names: Iterable[str]) -> "ColumnSet":
        return cls(frozenset(map(str.lower, names)))

    @classmethod
    def every(cls, *, exclude: Iterable[str] = ()) -> "ColumnSet":
        return cls(frozenset(map(str.lower, exclude)), is_exclusion=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The listed names in order: included ones, or the exceptions."""
        return tuple(sorted(self.listed))

    @property
    def is_every(self) -> bool:
        """Whether no column is left out, future ones included."""
        return self.is_exclusion and not self.listed

    def __bool__(self) -> bool:
        return self.is_exclusion or bool(self.listed)

    def __contains__(self, name: str) -> bool:
        return (name.lower() in self.listed) != self.is_exclusion

    def __invert__(self) -> "ColumnSet":
        return ColumnSet(self.listed, is_exclusion=not self.is_exclusion)

    def __or__(self, other: "ColumnSet") -> "ColumnSet":
        if self is other or not other:
            return self
        if not self:
            return other
        if self.is_exclusion and other.is_exclusion:
            return ColumnSet(self.listed & other.listed, is_exclusion=True)
        if self.is_exclusion:
            return ColumnSet(self.listed - other.listed, is_exclusion=True)
        if other.is_exclusion:
            return ColumnSet(other.listed - self.listed, is_exclusion=True)
        return ColumnSet(self.listed | other.listed)

    def __and__(self, other: "ColumnSet") -> "ColumnSet":
        if self.is_exclusion and other.is_exclusion:
            return ColumnSet(self.listed | other.listed, is_exclusion=True)
        if self.is_exclusion:
            return ColumnSet(other.listed - self.listed)
        if other.is_exclusion:
            return ColumnSet(self.listed - other.listed)
        return ColumnSet(self.listed & other.listed)

    def __sub__(self, other: "ColumnSet") -> "ColumnSet":
        return self & ~other if self and other else self

    def __le__(self, other: "ColumnSet") -> bool:
        return not self - other

    def to_json(self) -> dict[str, list[str]]:
        """`{"include": [names]}` or `{"except": [names]}`, sorted."""
        return {"except" if self.is_exclusion else "include": sorted(self.listed)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ColumnSet":
        if "except" in value:
            return cls.every(exclude=value["except"])
        return cls.include(value["include"])


NO_COLUMNS = ColumnSet.include(())
ALL_COLUMNS = ColumnSet.every()


@dataclass(frozen=True)
class Cells:
    """Columns of a table, in `rows` (canonical row filter; empty: all rows). `source`: what shows them."""

    columns: ColumnSet
    rows: str
    source: str = ""
