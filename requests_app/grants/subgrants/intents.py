"""The intents by which members of local groups read. Called inside a verb."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.accounts import LocalMember
from identity.people.models import Person
from lakeformation.access.table_access import TableAccess
from lakeformation.effects.table_effects import TableState, build_table_effects
from lakeformation.values.column_sets import ColumnSet
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.models import Subgrant, SubgrantIntent
from requests_app.targets.single_tables import list_table_columns


def create_subgrant_intents(subgrant: Subgrant, members: Iterable[LocalMember], now: datetime) -> None:
    """Want for each member what its group was passed on, until the account grant's end."""
    grant = subgrant.account_grant
    for member in members:
        access = build_member_access(grant, member, subgrant.columns)
        table_effects = build_table_effects(
            access, columns=list_table_columns(grant.table), state=TableState()
        )
        intent = engine.create_intent(
            kind=Intent.Kind.GRANT,
            scope_key=grant.intent.scope_key,
            subject=f"subgrant:{subgrant.pk}:{member.pk}",
            wanted=access.to_json(),
            effects=table_effects.to_json(),
            effects_hash=table_effects.digest(),
            expires_at=grant.intent.expires_at,
            now=now,
        )
        SubgrantIntent.objects.create(subgrant=subgrant, member=member, intent=intent)


def build_member_access(grant: Grant, member: LocalMember, columns: Iterable[str]) -> TableAccess:
    """The member's part of an account grant: these columns, or, with a row filter, its cells as they are."""
    whole = grant.intent.table_access
    return replace(
        whole,
        parties=replace(whole.parties, principal_arn=member.arn, principal_id=member.unique_id),
        columns=whole.columns if whole.row_filter else ColumnSet.include(columns),
        account_grant=grant.intent_id,
        holds_new_columns=False,
        adoption=None,
        link_naming=replace(whole.link_naming, is_changing=False),
    )


def end_subgrants(subgrants: Iterable[Subgrant], person: Person, now: datetime) -> list[int]:
    """End what was passed on, with every intent of it; returns which."""
    live = [subgrant for subgrant in subgrants if subgrant.ended_at is None]
    if not live:
        return []
    keys = [one.pk for one in live]
    Subgrant.objects.filter(pk__in=keys).update(ended_at=now, ended_by=person)
    end_subgrant_intents(SubgrantIntent.objects.filter(subgrant__in=keys), now)
    return keys


def end_subgrant_intents(subgrant_intents: Iterable[SubgrantIntent], now: datetime) -> None:
    for intent_id in sorted(subgrant_intent.intent_id for subgrant_intent in subgrant_intents):
        engine.end_intent(intent_id=intent_id, now=now)
