"""What LF-Tags, or a whole database, reach by now beyond what was agreed to, and what LF-Tags no longer reach of it: AWS
opened or closed it at once, and asked nobody.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from lakeformation.drift.differences import Difference, Kind
from lakeformation.effects.tag_effects import Member
from lakeformation.planning.desired import Wish
from lakeformation.values.wording import listed

MOST_NAMED = 12
TableKey = tuple[str, str, str]
"""Database, name, and identity (CreateTime)."""


def beyond(
    wish: Wish, agreed: Sequence[Mapping[str, Any]], members: Sequence[Member]
) -> Iterator[Difference]:
    """One difference for each table of which the wish opens more than the agreed members say (as `Member.to_json`). A
    table made anew under its name is another table.
    """
    access = wish.access
    by = access.by_tags.expression.text if access.by_tags else f"every table of {access.database}"
    known = {(one["database"], one["table"], one["created"]): set(one["columns"]) for one in agreed}
    for one in members:
        before = known.get((one.database, one.table, one.created))
        now = [column.name for column in one.shown]
        more = [name for name in now if name not in (before or ())]
        if before is not None and not more:
            continue
        role = access.principal_arn.rsplit("/", 1)[-1]
        opens = listed(more, MOST_NAMED) or "names and types"
        was = f"{len(before)} columns of it" if before is not None else "nothing of it"
        text = f"{role} can read {opens} of {one.name} through {by}; approved: {was}"
        yield Difference(
            Kind.WIDENED,
            access.principal_arn,
            one.database,
            one.table,
            text,
            (wish.intent,),
            thing=one.created,
        )


def short_of(
    wish: Wish,
    agreed: Sequence[Mapping[str, Any]],
    members: Sequence[Member],
    standing: Mapping[TableKey, Collection[str]],
) -> Iterator[Difference]:
    """One difference for each agreed table that still stands, and of which the wish's expression no longer opens all
    that was agreed to. `standing` are the columns of such tables: one that was dropped is no matter of tags.
    """
    access = wish.access
    assert access.by_tags is not None
    now = {(one.database, one.table, one.created): {c.name for c in one.shown} for one in members}
    for one in agreed:
        key = one["database"], one["table"], one["created"]
        shown = now.get(key, set())
        lost = [name for name in one["columns"] if name in standing.get(key, ()) and name not in shown]
        if lost:
            role = access.principal_arn.rsplit("/", 1)[-1]
            names, where = listed(sorted(lost), MOST_NAMED), f"{one['database']}.{one['table']}"
            text = f"{role} can no longer read {names} of {where} through {access.by_tags.expression.text}"
            yield Difference(
                Kind.NARROWED, access.principal_arn, *key[:2], text, (wish.intent,), thing=one["created"]
            )
