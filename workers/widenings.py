"""Grants by LF-Tags that reach more than was agreed to, as the mirror knows the tags; each is on the record once."""

from collections.abc import Sequence
from datetime import datetime

from audit.actions import record
from catalog.tagged import tagged
from fulfilment.models import Finding, Intent
from identity.models import ConnectedCatalog
from lakeformation.desired import Wish
from lakeformation.differences import Difference, Kind
from lakeformation.reached import beyond
from lakeformation.tag_effects import Member
from lakeformation.tags import TagExpression
from requests_app.by_tags.reach import member_of
from workers.claim import Lease

MOST = 1000
"""Tables looked at of one expression: a grant that reaches more by now is told by these."""


def widenings_of(catalog: ConnectedCatalog, wishes: Sequence[Wish], now: datetime) -> list[Difference]:
    """Of live wishes. A reading of the mirror for each expression."""
    mine = [(wish, wish.access.by_tags) for wish in wishes if wish.is_live(now)]
    by_tags = {wish.intent: (wish, reach.expression) for wish, reach in mine if reach}
    reached = {expression: _members(catalog, expression) for _wish, expression in by_tags.values()}
    found: list[Difference] = []
    for intent in Intent.objects.filter(pk__in=by_tags).order_by("pk"):
        wish, expression = by_tags[intent.pk]
        found += beyond(wish, intent.effects["members"], reached[expression])
    return found


def record_new(lease: Lease, found: Sequence[Difference]) -> None:
    """An event for each widening that no open finding tells of yet; in the transaction that writes the finding."""
    wider = [one for one in found if one.kind == Kind.WIDENED]
    if not wider:
        return
    rows = Finding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True, kind=Kind.WIDENED)
    known = set(rows.values_list("key", flat=True))
    subjects = dict(
        Intent.objects.filter(pk__in=[one.intents[0] for one in wider]).values_list("pk", "subject")
    )
    for one in wider:
        if one.key not in known:
            data = {"intent": one.intents[0], "database": one.database, "table": one.table, "found": one.text}
            actor, subject = f"engine:{lease.owner}", subjects[one.intents[0]]
            record(verb="found_widening", actor=actor, subject=subject, data=data, now=lease.now)


def _members(catalog: ConnectedCatalog, expression: TagExpression) -> list[Member]:
    return [member_of(one) for one in tagged(catalog, expression, most=MOST).tables]
