"""Local groups of an account as its page shows them: who is in them, and per table and class who sees it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext as _

from fulfilment.models import Intent
from identity.models import Account, LocalGroup, LocalMember, Principal
from lakeformation.wording import as_sentence
from requests_app.models import Grant, LocalGrant, LocalHold
from requests_app.passing_on.asked import left_to_pass_on
from requests_app.passing_on.offered import Offered, envelopes_of, groups_of, offered, passed_on

Pair = tuple[int, int]
"""Ids of group and envelope."""


@dataclass(frozen=True)
class State:
    """How what a group was passed on stands in AWS: a chip's kind and word, and what is in the way."""

    kind: str
    word: str
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
    states: tuple[State | None, ...]
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
    left = left_to_pass_on(envelopes_of(account, now))
    return [
        _asked_for(grant) for grant in left.select_related("item__request__group", "item__request__requester")
    ]


def _asked_for(grant: Grant) -> AskedFor:
    offer, group = offered(grant), grant.item.request.group
    assert group is not None
    pair = f"{group.pk}:{grant.pk}"
    sees = tuple(f"{pair}:{name}" for name in offer.columns)
    return AskedFor(grant, group, sum(map(len, offer.columns.values())), pair, sees)


def groups_shown(account: Account) -> list[GroupShown]:
    """Two queries."""
    groups = list(groups_of(account))
    found = LocalMember.objects.filter(group__in=groups, removed_at=None).order_by("arn")
    members: dict[int, list[LocalMember]] = defaultdict(list)
    for member in found:
        members[member.group_id].append(member)
    return [GroupShown(group, tuple(members[group.pk])) for group in groups]


def envelopes_shown(account: Account, groups: Sequence[LocalGroup], now: datetime) -> list[EnvelopeShown]:
    """Four queries."""
    grants = list(envelopes_of(account, now))
    local = passed_on(groups, grants)
    states = _states(groups, grants)
    return [_envelope(offered(grant), groups, local, states) for grant in grants]


def roles_of(account: Account) -> list[Principal]:
    """Roles that can become members."""
    live = Principal.objects.filter(account=account, gone_at=None).exclude(arn=F("unique_id"))
    return list(live.order_by("name"))


def _envelope(
    offer: Offered,
    groups: Sequence[LocalGroup],
    local: Mapping[Pair, LocalGrant],
    states: Mapping[Pair, State],
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


def _states(groups: Iterable[LocalGroup], grants: Iterable[Grant]) -> dict[Pair, State]:
    """Of what lives, and of what ended and is not proven gone."""
    going = ~Q(intent__presence=Intent.Presence.ABSENT, intent__proven_generation=F("intent__generation"))
    holds = LocalHold.objects.filter(
        going, local_grant__group__in=list(groups), local_grant__envelope__in=list(grants)
    ).select_related("intent", "local_grant")
    found: dict[Pair, list[Intent]] = defaultdict(list)
    for hold in holds:
        found[hold.local_grant.group_id, hold.local_grant.envelope_id].append(hold.intent)
    return {pair: _state(intents) for pair, intents in found.items()}


def _state(intents: Sequence[Intent]) -> State:
    failure = next((one.failure for one in intents if one.failure), "")
    present = Intent.Presence.PRESENT
    if failure:
        return State("amber", _("Needs attention"), as_sentence(failure))
    if all(one.is_proven and one.presence == present and one.ended_at is None for one in intents):
        return State("green", _("Proven"))
    if all(one.ended_at is not None for one in intents):
        return State("blue", _("Being removed"))
    return State("blue", _("Being applied"))
