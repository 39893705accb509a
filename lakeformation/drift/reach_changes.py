"""Tables and columns that LF-Tags or a whole database reach beyond what was approved, or no longer reach: AWS
applies such changes at once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from lakeformation.access.base import ManyTablesAccess
from lakeformation.drift.differences import Difference, DifferenceKind
from lakeformation.effects.tag_effects import ReachedTable
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.wording import list_names

MAX_NAMES = 12
TableKey = tuple[str, str, str]
"""Database, name, and identity (CreateTime)."""


def find_widened_reach(
    spec: IntentSpec, approved_members: Sequence[Mapping[str, Any]], members: Sequence[ReachedTable]
) -> Iterator[Difference]:
    """One difference for each table of which the intent opens more than `approved_members` say. A
    table made anew under its name is another table.
    """
    access = spec.access
    assert isinstance(access, ManyTablesAccess)
    known = {(one["database"], one["table"], one["created"]): set(one["columns"]) for one in approved_members}
    for one in members:
        before = known.get((one.database, one.table, one.created))
        now = [column.name for column in one.visible_columns]
        more = [name for name in now if name not in (before or ())]
        if before is not None and not more:
            continue
        role = access.principal_arn.rsplit("/", 1)[-1]
        opens = list_names(more, MAX_NAMES) or "names and types"
        was = f"{len(before)} columns of it" if before is not None else "nothing of it"
        text = f"{role} can read {opens} of {one.name} through {access.name}; approved: {was}"
        yield Difference(
            DifferenceKind.WIDENED,
            access.principal_arn,
            one.database,
            one.table,
            text,
            (spec.intent_id,),
            subject=one.created,
        )


def find_narrowed_reach(
    spec: IntentSpec,
    approved_members: Sequence[Mapping[str, Any]],
    members: Sequence[ReachedTable],
    existing_columns: Mapping[TableKey, Collection[str]],
) -> Iterator[Difference]:
    """One difference for each approved table that still exists and of which the intent's expression opens
    less than was approved. `existing_columns` are the columns of such tables; dropped ones are not reported.
    """
    access = spec.access
    assert isinstance(access, ManyTablesAccess)
    now = {(one.database, one.table, one.created): {c.name for c in one.visible_columns} for one in members}
    for one in approved_members:
        key = one["database"], one["table"], one["created"]
        shown = now.get(key, set())
        lost = [
            name for name in one["columns"] if name in existing_columns.get(key, ()) and name not in shown
        ]
        if lost:
            role = access.principal_arn.rsplit("/", 1)[-1]
            names, where = list_names(sorted(lost), MAX_NAMES), f"{one['database']}.{one['table']}"
            text = f"{role} can no longer read {names} of {where} through {access.name}"
            yield Difference(
                DifferenceKind.NARROWED,
                access.principal_arn,
                *key[:2],
                text,
                (spec.intent_id,),
                subject=one["created"],
            )
