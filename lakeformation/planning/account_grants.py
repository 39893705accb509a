"""Subgrants: never wider than their account grant, and never longer.

An envelope is what an owner granted to an account as a whole. AWS lets a reader see what both sides grant (AWS,
"cross-account notes"), but keeps what was passed on when the envelope goes, so that a later one would wake it. So
whatever is passed on ends with its envelope, by comparison, whatever its own row says.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from lakeformation.access.access import Access
from lakeformation.planning.desired import IntentSpec

EARLIEST_TIME = datetime.min.replace(tzinfo=UTC)


def limit_to_account_grants(specs: Iterable[IntentSpec]) -> list[IntentSpec]:
    """The wishes of a share scope, those that are passed on ended where their envelope is."""
    every = list(specs)
    by_intent = {wish.intent_id: wish for wish in every}
    return [
        _limit_to_account_grant(wish, by_intent.get(wish.access.account_grant))
        if wish.access.account_grant
        else wish
        for wish in every
    ]


def is_within_account_grant(access: Access, envelope: Access) -> bool:
    """Whether an envelope holds all of what is passed on. Of a row rule, all of its cells or none: AWS passes on a
    data cells filter as it is. Nothing is passed on of what reaches many tables.
    """
    same = (
        "consumer",
        "owner",
        "region",
        "database",
        "table",
        "table_created",
        "row_filter",
        "metadata_only",
    )
    if not envelope.is_account_grant or envelope.reaches_many_tables or access.reaches_many_tables:
        return False
    if any(getattr(access, one) != getattr(envelope, one) for one in same):
        return False
    if envelope.row_filter:
        return access.columns == envelope.columns
    return access.columns <= envelope.grantable_columns


def _limit_to_account_grant(spec: IntentSpec, envelope: IntentSpec | None) -> IntentSpec:
    if envelope is None or not is_within_account_grant(spec.access, envelope.access):
        return replace(spec, ended_at=spec.ended_at or EARLIEST_TIME)
    ends = [end for end in (spec.expires_at, envelope.expires_at) if end]
    return replace(spec, ended_at=spec.ended_at or envelope.ended_at, expires_at=min(ends) if ends else None)
