"""Who may read a table whole: credentials open its files, with every column and row in them."""

from datetime import datetime

from catalog.mirror.models import Table
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.readers import Reader, list_readers


def list_whole_readers(caller: Caller, table: Table, now: datetime) -> list[Reader]:
    return [one for one in list_readers(caller, table, now) if find_end(one, table) is not None]


def find_end(reader: Reader, table: Table) -> datetime | None:
    """Until when one of the reader's grants gives every column and every row; None without such a grant."""
    names = {column.name for column in table.columns.all()}
    whole = [
        grant.ends_at
        for grant in reader.grants
        if not grant.item.row_filter and (not grant.item.columns or names <= set(grant.item.columns))
    ]
    return max(whole, default=None)
