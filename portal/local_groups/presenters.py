"""Local groups of an account as its page shows them: who is in them, and per table and class who sees it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from fulfilment.intents.models import Intent
from fulfilment.observations.reading_age import ReadingTimes, is_too_old
from identity.accounts.models import Account, LocalGroup, LocalMember, Principal
from lakeformation.values.wording import as_sentence
from requests_app.display_states.rules import GrantFacts, get_grant_state, get_request_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.models import LocalGrant, LocalHold
from requests_app.grants.subgrants.queries import (
    PassableColumns,
    build_passable_columns,
    filter_pending_subgrants,
    list_account_grants,
    list_local_groups,
    map_subgrants,
)

Pair = tuple[int, int]
"""Ids of group and envelope."""


@dataclass(frozen=True)
class Passed:
    """How what a group was passed on stands in AWS, and what is in the way."""

    state: DisplayState
    failure: str = ""


@dataclass(frozen=True)
class Tick:
    """One box: `value` is what the form sends when it is ticked."""

    group: LocalGroup
    value: str
    ticked: bool


@dataclass(frozen=True)
class ClassRow:
    """Columns of one class of an envelope, and who sees them. `name` is `all` where a row rule cuts cells."""

    name: str
    columns: tuple[str, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class EnvelopeShown:
    """`pairs` are what the form says it speaks of; `states`, by group in order, None where nothing was passed on."""

    grant: Grant
    keys: Mapping[str, str]
    row_rule: str
    classes: tuple[ClassRow, ...]
    states: tuple[Passed | None, ...]
    pairs: tuple[str, ...]


@dataclass(frozen=True)
class GroupShown:
    group: LocalGroup
    members: tuple[LocalMember, ...]


@dataclass(frozen=True)
class AskedFor:
    """What was asked for a group and not passed on yet: `pair` and `sees` are what the form sends to pass all of it on."""

    grant: Grant
    group: LocalGroup
    columns: int
    pair: str
    sees: tuple[str, ...]


def asked_for(account: Account, now: datetime) -> list[AskedFor]:
    """Two queries."""
    left = filter_pending_subgrants(list_account_grants(account, now))
    return [
        _asked_for(grant) for grant in left.select_related("item__request__group", "item__request__requester")
    ]


def _asked_for(grant: Grant) -> AskedFor:
    offer, group = build_passable_columns(grant), grant.item.request.group
    assert group is not None
    pair = f"{group.pk}:{grant.pk}"
    sees = tuple(f"{pair}:{name}" for name in offer.columns)
    return AskedFor(grant, group, sum(map(len, offer.columns.values())), pair, sees)


def groups_shown(account: Account) -> list[GroupShown]:
    """Two queries."""
    groups = list(list_local_groups(account))
    found = LocalMember.objects.filter(group__in=groups, removed_at=None).order_by("arn")
    members: dict[int, list[LocalMember]] = defaultdict(list)
    for member in found:
        members[member.group_id].append(member)
    return [GroupShown(group, tuple(members[group.pk])) for group in groups]


def envelopes_shown(account: Account, groups: Sequence[LocalGroup], now: datetime) -> list[EnvelopeShown]:
    """Five queries."""
    grants = list(list_account_grants(account, now))
    local = map_subgrants(groups, grants)
    states = _states(groups, grants, now)
    return [_envelope(build_passable_columns(grant), groups, local, states) for grant in grants]


def roles_of(account: Account) -> list[Principal]:
    """Roles that can become members."""
    live = Principal.objects.filter(account=account, gone_at=None, is_portal=False).exclude(
        arn=F("unique_id")
    )
    return list(live.order_by("name"))


def _envelope(
    offer: PassableColumns,
    groups: Sequence[LocalGroup],
    local: Mapping[Pair, LocalGrant],
    states: Mapping[Pair, Passed],
) -> EnvelopeShown:
    grant = offer.grant
    rows = [
        ClassRow(name, columns, tuple(_tick(group, grant, name, columns, local) for group in groups))
        for name, columns in offer.columns.items()
    ]
    return EnvelopeShown(
        grant=grant,
        keys=offer.keys,
        row_rule=offer.access.row_rule,
        classes=tuple(rows),
        states=tuple(states.get((group.pk, grant.pk)) for group in groups),
        pairs=tuple(f"{group.pk}:{grant.pk}" for group in groups),
    )


def _tick(
    group: LocalGroup, grant: Grant, name: str, columns: tuple[str, ...], local: Mapping[Pair, LocalGrant]
) -> Tick:
    held = local.get((group.pk, grant.pk))
    sees = held is not None and set(columns) <= set(held.columns)
    return Tick(group, f"{group.pk}:{grant.pk}:{name}", sees)


def _states(groups: Iterable[LocalGroup], grants: Iterable[Grant], now: datetime) -> dict[Pair, Passed]:
    """Of what lives, and of what ended and is not proven gone."""
    going = ~Q(intent__presence=Intent.Presence.ABSENT, intent__proven_generation=F("intent__generation"))
    holds = LocalHold.objects.filter(
        going, local_grant__group__in=list(groups), local_grant__envelope__in=list(grants)
    ).select_related("intent", "local_grant")
    found: dict[Pair, list[Intent]] = defaultdict(list)
    for hold in holds:
        found[hold.local_grant.group_id, hold.local_grant.envelope_id].append(hold.intent)
    readings = ReadingTimes({one.scope_key for intents in found.values() for one in intents})
    return {pair: _state(intents, now, readings) for pair, intents in found.items()}


def _state(intents: Sequence[Intent], now: datetime, readings: ReadingTimes) -> Passed:
    """The worst of its members'."""
    failure = next((one.failure for one in intents if one.failure), "")
    return Passed(
        get_request_state(_member_state(one, now, readings) for one in intents), as_sentence(failure)
    )


def _member_state(intent: Intent, now: datetime, readings: ReadingTimes) -> DisplayState:
    is_over = intent.ended_at is not None or (intent.expires_at is not None and intent.expires_at <= now)
    read_at = readings.of(intent.scope_key)
    return get_grant_state(
        GrantFacts(
            presence=intent.presence,
            is_proven=intent.is_proven,
            usable=True if intent.usable is None else intent.usable,
            failure=intent.failure,
            is_over=is_over,
            is_reading_old=is_too_old(read_at, now),
        )
    )
