"""Grants by LF-Tags, and of whole databases, that reach more than was agreed to, as the mirror knows it; each is on the
record once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from audit.actions import record
from catalog.mirror.lf_tag_matches import every_table, tagged
from catalog.mirror.models import Column
from fulfilment.intents.models import Intent
from fulfilment.ledger.models import Finding
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, Kind
from lakeformation.drift.reach_changes import TableKey, beyond, short_of
from lakeformation.effects.tag_effects import Member
from lakeformation.planning.desired import Wish
from lakeformation.values.tag_expressions import TagExpression
from requests_app.targets.reached_tables import build_member
from workers.engine.claim import Lease

MOST = 1000
"""Tables looked at of one expression or database: a grant that reaches more by now is told by these."""


def widenings_of(catalog: ConnectedCatalog, wishes: Sequence[Wish], now: datetime) -> list[Difference]:
    """Of live wishes; and what LF-Tags no longer reach of it. A reading of the mirror for each expression, database and
    grant by LF-Tags.
    """
    mine = {wish.intent: wish for wish in wishes if wish.access.reaches_many and wish.is_live(now)}
    by = {pk: _reaching(wish) for pk, wish in mine.items()}
    reached = {one: _members(catalog, one) for one in by.values()}
    found: list[Difference] = []
    for intent in Intent.objects.filter(pk__in=mine).order_by("pk"):
        wish, agreed, now_there = mine[intent.pk], intent.effects["members"], reached[by[intent.pk]]
        found += beyond(wish, agreed, now_there)
        if wish.access.by_tags:
            found += short_of(wish, agreed, now_there, _standing(catalog, agreed))
    return found


def _standing(catalog: ConnectedCatalog, agreed: Sequence[Mapping[str, Any]]) -> dict[TableKey, set[str]]:
    """Columns of the agreed tables, as far as these are there."""
    rows = Column.objects.filter(
        table__database__catalog=catalog,
        table__database__name__in={one["database"] for one in agreed},
        table__name__in={one["table"] for one in agreed},
        table__tombstoned_at=None,
    )
    found: dict[TableKey, set[str]] = defaultdict(set)
    table = "table__database__name", "table__name", "table__glue_created_at"
    for database, name, created, column in rows.values_list(*table, "name"):
        found[database, name, created].add(column)
    return found


def _reaching(wish: Wish) -> TagExpression | str:
    """The expression, or the database's name."""
    return wish.access.by_tags.expression if wish.access.by_tags else wish.access.database


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


def _members(catalog: ConnectedCatalog, by: TagExpression | str) -> list[Member]:
    if isinstance(by, str):
        return [build_member(one) for one in every_table(catalog, by, most=MOST)]
    return [build_member(one) for one in tagged(catalog, by, most=MOST).tables]
