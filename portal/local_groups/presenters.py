"""The local groups page: members, and the columns each group sees."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ReadingTimes, is_reading_too_old
from identity.accounts import Account, LocalGroup, LocalMember, Principal
from lakeformation.values.wording import to_sentence
from requests_app.display_states.rules import GrantFacts, get_grant_state, get_request_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.models import Subgrant, SubgrantIntent
from requests_app.grants.subgrants.queries import (
    PassableColumns,
    build_passable_columns,
    filter_pending_subgrants,
    list_account_grants,
    list_local_groups,
    map_subgrants,
)

GroupGrantIds = tuple[int, int]
"""Ids of a local group and an account grant."""


@dataclass(frozen=True)
class SubgrantStatus:
    """State of a subgrant in AWS, and its failure."""

    state: DisplayState
    failure: str = ""


@dataclass(frozen=True)
class ClassCheckbox:
    """A checkbox with its form `value`."""

    group: LocalGroup
    value: str
    is_checked: bool


@dataclass(frozen=True)
class ClassRow:
    """Columns of one class and the groups that see them. `name` is `all` with a row filter."""

    name: str
    columns: tuple[str, ...]
    checkboxes: tuple[ClassCheckbox, ...]


@dataclass(frozen=True)
class AccountGrantRow:
    """`pairs` are the form values of group and grant; `states`, in group order, are None without a subgrant."""

    grant: Grant
    partition_keys: Mapping[str, str]
    row_filter: str
    classes: tuple[ClassRow, ...]
    states: tuple[SubgrantStatus | None, ...]
    pairs: tuple[str, ...]


@dataclass(frozen=True)
class GroupRow:
    group: LocalGroup
    members: tuple[LocalMember, ...]


@dataclass(frozen=True)
class PendingSubgrant:
    """A grant requested for a group without a subgrant. `pair` and `class_values` are form values that pass on all of it."""

    grant: Grant
    group: LocalGroup
    column_count: int
    pair: str
    class_values: tuple[str, ...]


def list_pending_subgrants(account: Account, now: datetime) -> list[PendingSubgrant]:
    """Two queries."""
    left = filter_pending_subgrants(list_account_grants(account, now))
    return [
        _build_pending_subgrant(grant)
        for grant in left.select_related("item__request__group", "item__request__requester")
    ]


def _build_pending_subgrant(grant: Grant) -> PendingSubgrant:
    offer, group = build_passable_columns(grant), grant.item.request.group
    assert group is not None
    pair = f"{group.pk}:{grant.pk}"
    sees = tuple(f"{pair}:{name}" for name in offer.columns)
    return PendingSubgrant(grant, group, sum(map(len, offer.columns.values())), pair, sees)


def build_group_rows(account: Account) -> list[GroupRow]:
    """Two queries."""
    groups = list(list_local_groups(account))
    local_members = LocalMember.objects.filter(group__in=groups, removed_at=None).order_by("arn")
    members: dict[int, list[LocalMember]] = defaultdict(list)
    for member in local_members:
        members[member.group_id].append(member)
    return [GroupRow(group, tuple(members[group.pk])) for group in groups]


def build_account_grant_rows(
    account: Account, groups: Sequence[LocalGroup], now: datetime
) -> list[AccountGrantRow]:
    """Five queries."""
    grants = list(list_account_grants(account, now))
    local = map_subgrants(groups, grants)
    # For live subgrants and for ended ones whose removal is not proven.
    going = ~Q(intent__presence=Intent.Presence.ABSENT, intent__proven_generation=F("intent__generation"))
    holds = SubgrantIntent.objects.filter(
        going, subgrant__group__in=list(groups), subgrant__account_grant__in=list(grants)
    ).select_related("intent", "subgrant")
    found: dict[GroupGrantIds, list[Intent]] = defaultdict(list)
    for hold in holds:
        found[hold.subgrant.group_id, hold.subgrant.account_grant_id].append(hold.intent)
    readings = ReadingTimes({intent.scope_key for intents in found.values() for intent in intents})
    states = {pair: _get_subgrant_status(intents, now, readings) for pair, intents in found.items()}
    return [
        _build_account_grant_row(build_passable_columns(grant), groups, local, states) for grant in grants
    ]


def list_member_candidates(account: Account) -> list[Principal]:
    """Roles that can become members."""
    live = Principal.objects.filter(account=account, gone_at=None, is_portal=False).exclude(
        arn=F("unique_id")
    )
    return list(live.order_by("name"))


def _build_account_grant_row(
    offer: PassableColumns,
    groups: Sequence[LocalGroup],
    local: Mapping[GroupGrantIds, Subgrant],
    states: Mapping[GroupGrantIds, SubgrantStatus],
) -> AccountGrantRow:
    grant = offer.grant
    rows = [
        ClassRow(
            name, columns, tuple(_build_checkbox(group, grant, name, columns, local) for group in groups)
        )
        for name, columns in offer.columns.items()
    ]
    return AccountGrantRow(
        grant=grant,
        partition_keys=offer.partition_keys,
        row_filter=offer.access.row_filter,
        classes=tuple(rows),
        states=tuple(states.get((group.pk, grant.pk)) for group in groups),
        pairs=tuple(f"{group.pk}:{grant.pk}" for group in groups),
    )


def _build_checkbox(
    group: LocalGroup,
    grant: Grant,
    name: str,
    columns: tuple[str, ...],
    local: Mapping[GroupGrantIds, Subgrant],
) -> ClassCheckbox:
    held = local.get((group.pk, grant.pk))
    sees = held is not None and set(columns) <= set(held.columns)
    return ClassCheckbox(group, f"{group.pk}:{grant.pk}:{name}", sees)


def _get_subgrant_status(intents: Sequence[Intent], now: datetime, readings: ReadingTimes) -> SubgrantStatus:
    """The most urgent state of the members."""
    failure = next((intent.failure for intent in intents if intent.failure), "")
    return SubgrantStatus(
        get_request_state(_get_member_state(intent, now, readings) for intent in intents),
        to_sentence(failure),
    )


def _get_member_state(intent: Intent, now: datetime, readings: ReadingTimes) -> DisplayState:
    is_over = intent.ended_at is not None or (intent.expires_at is not None and intent.expires_at <= now)
    read_at = readings.get(intent.scope_key)
    return get_grant_state(
        GrantFacts(
            presence=intent.presence,
            is_proven=intent.is_proven,
            usable=intent.usable,
            failure=intent.failure,
            has_ended=is_over,
            is_reading_old=is_reading_too_old(read_at, now),
        )
    )
