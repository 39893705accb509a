"""Who holds what on a table, as last read from AWS: managed by an intent, or nobody's word."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fulfilment.models import Intent, Observed
from identity.models import ConnectedCatalog


@dataclass(frozen=True)
class Holder:
    """A permission on a table with the live intents that justify it; none means unmanaged."""

    principal_arn: str
    verb: str
    columns: tuple[str, ...]
    every_column: bool
    intents: tuple[int, ...]
    seen_at: datetime

    @property
    def is_managed(self) -> bool:
        return bool(self.intents)


def who_can(catalog: ConnectedCatalog, database: str, table: str) -> list[Holder]:
    """Holders of permissions on the table or on all tables of its database. Two queries."""
    rows = Observed.objects.filter(catalog=catalog, database=database, table__in=[table, "*"])
    live = Intent.objects.filter(
        ended_at__isnull=True,
        wanted__owner=catalog.account.account_id,
        wanted__region=catalog.region,
        wanted__database=database,
        wanted__table__in=[table, "*"],
    )
    return [_holder(row, live) for row in rows.order_by("principal_arn", "verb")]


def _holder(row: Observed, live: Iterable[Intent]) -> Holder:
    return Holder(
        principal_arn=row.principal_arn,
        verb=row.verb,
        columns=tuple(row.columns.get("include", ())),
        every_column="except" in row.columns,
        intents=tuple(i.pk for i in live if i.wanted["principal_arn"] == row.principal_arn),
        seen_at=row.seen_at,
    )
