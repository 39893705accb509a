"""Binds grants to the table that took the place of theirs. Called inside a verb."""

from collections.abc import Sequence
from datetime import datetime

from audit.models import Event
from catalog.search.index.indexing import index_products_of
from fulfilment.intents.actions import wake_scope
from requests_app.access_requests.locks import lock_write_approvals
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_locked_grant
from requests_app.recreated_tables.comparison import Comparison, compare_grants
from requests_app.recreated_tables.models import KeptGrant, RecreatedTable
from requests_app.recreated_tables.queries import list_left_grants


def compare_locked_grants(row: RecreatedTable) -> Comparison:
    """What `compare_left_grants` says, with each grant and its request locked, and other decisions for the same roles on the
    table kept waiting.
    """
    for pk in list_left_grants(row.table).values_list("pk", flat=True):
        grant = get_locked_grant(None, pk)
        lock_write_approvals(grant.principal_id, row.table_id)
    return compare_grants(row, list(list_left_grants(row.table)))


def keep_grants(row: RecreatedTable, grants: Sequence[Grant], event: Event, now: datetime) -> None:
    """All of them, with what was passed on of them. A trigger binds grants, items, intents and their places in data products to the
    new table: see `requests_app/migrations/sql/recreated_tables_0004.sql`. The engine grants and proves them anew.
    """
    KeptGrant.objects.bulk_create(
        KeptGrant(recreated_table=row, grant=grant, former_table_id=grant.table_id, event=event)
        for grant in grants
    )
    for key in sorted({grant.intent.scope_key for grant in grants}):
        wake_scope(scope_key=key, reason="a table that was created again is granted", now=now)
    index_products_of([row.table_id])
