"""How many of something AWS allows, how many there are, and how many an approval would add."""

from dataclasses import dataclass
from enum import StrEnum

from lakeformation.effects.table_effects import MOST_FILTERS

NEAR = 0.8
"""The share of a limit from which on a person should know of it."""


class Room(StrEnum):
    ENOUGH = "enough"
    LITTLE = "little"
    NONE = "none"


@dataclass(frozen=True)
class Limit:
    """`source` is AWS's page that names the figure; a soft one is raised by AWS on request."""

    most: int
    source: str
    is_soft: bool


GRANTS_ABROAD = Limit(1_600, "Lake Formation developer guide, cross-account-notes", is_soft=True)
"""Cross-account grants of an account with the named resource method; on all tables of a database it is one. At home
there is no limit.
"""
SHARES = Limit(1_600, "Lake Formation developer guide, cross-account-notes", is_soft=True)
"""Resource shares of RAM of an account: the guide has the limit of grants raised by raising this one."""
SHARES_TO_AN_ACCOUNT = 5
"""Lake Formation makes no more to one account from version 2 on (AWS, Lake Formation best practices); how many it has
made is not told, so each account counts as if it had all of them.
"""
TAG_VALUES = Limit(1_000, "Lake Formation developer guide, TBAC-notes", is_soft=True)
"""Values of one LF-Tag of a catalog."""
FILTERS_HELD = Limit(MOST_FILTERS, "Lake Formation developer guide, data-filtering-notes", is_soft=False)
"""Data cells filters of one principal on one table."""


@dataclass(frozen=True)
class Count:
    limit: Limit
    used: int
    adds: int

    @property
    def after(self) -> int:
        return self.used + self.adds

    @property
    def room(self) -> Room:
        if self.after > self.limit.most:
            return Room.NONE
        return Room.LITTLE if self.after >= NEAR * self.limit.most else Room.ENOUGH


@dataclass(frozen=True)
class TagAdvice:
    """Tables that one principal has by name, each whole, and that are all that carry the tag: by the tag two
    permissions would stand for theirs.
    """

    key: str
    value: str
    tables: int


def advice(
    held: list[dict[str, str]], carried: dict[tuple[str, str], int], least: int = 3
) -> TagAdvice | None:
    """The tag that stands for most tables. `held` are the tags of each table that the principal has whole; `carried`
    how many tables of the catalog have a tag. A tag that opened one table more than is held is none.
    """
    found = [
        TagAdvice(key, value, total)
        for (key, value), total in carried.items()
        if total >= least and sum(tags.get(key) == value for tags in held) == total
    ]
    return max(found, key=lambda one: (one.tables, one.key, one.value), default=None)
