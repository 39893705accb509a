"""What LF-Tags reach by now beyond what was agreed to: AWS opened it as soon as it was tagged, and asked nobody."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lakeformation.desired import Wish
from lakeformation.differences import Difference, Kind
from lakeformation.tag_effects import Member
from lakeformation.wording import listed

MOST_NAMED = 12


def beyond(
    wish: Wish, agreed: Sequence[Mapping[str, Any]], members: Sequence[Member]
) -> Iterator[Difference]:
    """One difference for each table of which the wish's expression opens more than the agreed members say (as
    `Member.to_json`). A table made anew under its name is another table.
    """
    access = wish.access
    assert access.by_tags is not None
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
        text = f"{role} reaches {opens} of {one.name} by {access.by_tags.expression.text}; agreed to: {was}"
        yield Difference(
            Kind.WIDENED,
            access.principal_arn,
            one.database,
            one.table,
            text,
            (wish.intent,),
            thing=one.created,
        )
