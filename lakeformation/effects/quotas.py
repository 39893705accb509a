"""AWS quotas: the maximum, the current use, and what an approval would add."""

from dataclasses import dataclass
from enum import StrEnum

from lakeformation.effects.table_effects import MAX_FILTERS

WARNING_RATIO = 0.8
"""From this share of a quota on, people are warned."""


class QuotaLevel(StrEnum):
    ENOUGH = "enough"
    LOW = "low"
    EXCEEDED = "exceeded"


@dataclass(frozen=True)
class Quota:
    """`source` is AWS's page that names the figure; a soft one is raised by AWS on request."""

    maximum: int
    source: str
    is_soft: bool


CROSS_ACCOUNT_GRANTS = Quota(1_600, "Lake Formation developer guide, cross-account-notes", is_soft=True)
"""Cross-account grants of an account with the named resource method; on all tables of a database it is one. At home
there is no limit.
"""
RESOURCE_SHARES = Quota(1_600, "Lake Formation developer guide, cross-account-notes", is_soft=True)
"""Resource shares of RAM of an account: the guide has the limit of grants raised by raising this one."""
MAX_SHARES_PER_ACCOUNT = 5
"""Lake Formation makes no more to one account from version 2 on (AWS, Lake Formation best practices); how many it has
made is not told, so each account counts as if it had all of them.
"""
TAG_VALUES = Quota(1_000, "Lake Formation developer guide, TBAC-notes", is_soft=True)
"""Values of one LF-Tag of a catalog."""
FILTERS_PER_TABLE = Quota(MAX_FILTERS, "Lake Formation developer guide, data-filtering-notes", is_soft=False)
"""Data cells filters of one principal on one table."""


@dataclass(frozen=True)
class QuotaUsage:
    quota: Quota
    used: int
    added: int

    @property
    def total(self) -> int:
        return self.used + self.added

    @property
    def level(self) -> QuotaLevel:
        if self.total > self.quota.maximum:
            return QuotaLevel.EXCEEDED
        return QuotaLevel.LOW if self.total >= WARNING_RATIO * self.quota.maximum else QuotaLevel.ENOUGH


@dataclass(frozen=True)
class TagAdvice:
    """Tables that one principal has by name, each whole, and that are all that carry the tag: by the tag two
    permissions would stand for theirs.
    """

    key: str
    value: str
    tables: int


def suggest_tag(
    held: list[dict[str, str]], tag_counts: dict[tuple[str, str], int], min_tables: int = 3
) -> TagAdvice | None:
    """The tag that stands for most tables. `held` are the tags of each table that the principal has whole; `tag_counts`
    how many tables of the catalog have a tag. A tag that would open any other table is not suggested.
    """
    found = [
        TagAdvice(key, value, total)
        for (key, value), total in tag_counts.items()
        if total >= min_tables and sum(tags.get(key) == value for tags in held) == total
    ]
    return max(found, key=lambda one: (one.tables, one.key, one.value), default=None)
