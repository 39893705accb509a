"""Subgrants: never wider than their account grant, and never longer.

An account grant is what an owner granted to an account as a whole. A reader sees what both sides grant (AWS,
"cross-account notes"). AWS keeps subgrants when the account grant goes; a later one would revive them. So
each subgrant ends with its account grant, by comparing times, whatever its own row says.
"""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from lakeformation.planning.desired import IntentSpec

EARLIEST_TIME = datetime.min.replace(tzinfo=UTC)


def limit_to_account_grants(specs: Iterable[IntentSpec]) -> list[IntentSpec]:
    """The intents of a share scope; subgrants are ended where their account grant is."""
    every = list(specs)
    by_intent = {wish.intent_id: wish for wish in every}
    return [
        _limit_to_account_grant(wish, by_intent.get(wish.access.account_grant))
        if wish.access.account_grant
        else wish
        for wish in every
    ]


def is_within_account_grant(access: Access, account_grant: Access) -> bool:
    """Whether the account grant covers all of the subgrant. Of a row filter, all cells or none: AWS passes on
    a data cells filter as it is. Nothing is passed on of what reaches many tables.
    """
    if not (isinstance(access, TableAccess) and isinstance(account_grant, TableAccess)):
        return False
    if not account_grant.is_account_grant or _get_limits(access) != _get_limits(account_grant):
        return False
    if account_grant.row_filter:
        return access.columns == account_grant.columns
    return access.columns <= account_grant.grantable_columns


def _get_limits(access: TableAccess) -> tuple[Hashable, ...]:
    """What a subgrant has in common with its account grant."""
    return (
        access.consumer,
        access.owner_catalog,
        access.target,
        access.table_created,
        access.row_filter,
        access.opens_data,
    )


def _limit_to_account_grant(spec: IntentSpec, account_grant: IntentSpec | None) -> IntentSpec:
    if account_grant is None or not is_within_account_grant(spec.access, account_grant.access):
        return replace(spec, ended_at=spec.ended_at or EARLIEST_TIME)
    ends = [end for end in (spec.expires_at, account_grant.expires_at) if end]
    return replace(
        spec, ended_at=spec.ended_at or account_grant.ended_at, expires_at=min(ends) if ends else None
    )
