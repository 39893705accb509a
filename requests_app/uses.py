"""Which teams use what, by what the portal itself holds: their live grants, and what they asked for lately."""

from datetime import datetime, timedelta

from catalog.popularity import Use, store_uses
from requests_app.models import Grant, Item
from requests_app.states import GrantState, ItemState

LATELY = timedelta(days=90)


def count_uses(now: datetime) -> int:
    """Count anew how many teams use each table and product; returns how many counts differed.

    What was asked for by LF-Tags names no table, and does not count.
    """
    asked = Item.objects.filter(request__submitted_at__gt=now - LATELY, tags={})
    asked = asked.exclude(state=ItemState.WITHDRAWN)
    granted = Grant.objects.filter(state=GrantState.LIVE, ends_at__gt=now, item__tags={})
    return store_uses(
        {
            *(Use(*row) for row in asked.values_list("table", "product", "request__team").iterator()),
            *(
                Use(*row)
                for row in granted.values_list(
                    "table", "item__product", "principal__account__team"
                ).iterator()
            ),
        }
    )
