"""Since when usage is known, by source."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from catalog.usage.athena.models import QueryHistory
from catalog.usage.models import TrailReading
from identity.accounts import Account


@dataclass(frozen=True)
class ReadsCoverage:
    """Between `since` and `until` every read is counted; both None where the log files of some catalog are not read."""

    since: datetime | None = None
    until: datetime | None = None

    def covers(self, day: date) -> bool:
        """Whether a day without a row is one without a read. Of the first day the hours before count as known."""
        return bool(self.since and self.until and self.since.date() <= day <= self.until.date())


def build_reads_coverage(catalogs: Collection[int], readings: Collection[TrailReading]) -> ReadsCoverage:
    """Of all these catalogs together."""
    begun = [
        max(one.since, one.counted_since) for one in readings if one.since and one.until and one.counted_since
    ]
    ended = [one.until for one in readings if one.since and one.until and one.counted_since]
    if not begun or len(begun) < len(catalogs):
        return ReadsCoverage()
    since, until = max(begun), min(end for end in ended if end)
    return ReadsCoverage(since, until) if since <= until else ReadsCoverage()


@dataclass(frozen=True)
class AccountHistory:
    """How far the query history of a consuming account is known. `trouble` says why it is not."""

    account: Account
    since: datetime | None = None
    until: datetime | None = None
    trouble: str = ""

    @property
    def is_read(self) -> bool:
        return self.since is not None and not self.trouble


def list_account_histories(accounts: Collection[str]) -> list[AccountHistory]:
    """Of these account ids, by name. One query."""
    rows = Account.objects.filter(account_id__in=accounts).select_related("query_history").order_by("name")
    return [_build_history(row) for row in rows]


def _build_history(account: Account) -> AccountHistory:
    history: QueryHistory | None = getattr(account, "query_history", None)
    if history is None:
        return AccountHistory(account)
    return AccountHistory(account, history.since, history.until, history.trouble)
