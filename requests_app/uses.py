"""Which teams use what, by what the portal itself holds: their live grants, and what they asked for lately."""

from datetime import datetime, timedelta
from itertools import chain

from catalog.usage.popularity import Use, store_uses
from requests_app.models import GRANT_OF_ONE_TABLE, OF_ONE_TABLE, Grant, Item
from requests_app.states import GrantState, ItemState

LATELY = timedelta(days=90)


def count_uses(now: datetime) -> int:
    """Count anew how many teams use each table and product; returns how many counts differed.

    Whoever has, or asked for, a whole database uses each of its tables. What was asked for by LF-Tags names no table, and
    does not count.
    """
    asked = Item.objects.filter(request__submitted_at__gt=now - LATELY).exclude(state=ItemState.WITHDRAWN)
    granted = Grant.objects.filter(state=GrantState.LIVE, ends_at__gt=now)
    by, to = "request__team", "principal__account__team"
    every = "table__database__tables"
    rows = chain(
        asked.filter(OF_ONE_TABLE).values_list("table", "product", by).iterator(),
        asked.filter(whole_database=True).values_list(every, "product", by).iterator(),
        granted.filter(GRANT_OF_ONE_TABLE).values_list("table", "item__product", to).iterator(),
        granted.filter(item__whole_database=True).values_list(every, "item__product", to).iterator(),
    )
    return store_uses({Use(*row) for row in rows})
