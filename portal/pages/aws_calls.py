"""AWS calls of a timeline by account, repeats grouped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fulfilment.timeline import TimelineEvent
from requests_app.access_requests.models import RequestItem
from requests_app.display_states.rules import TIMELINE_STATES
from requests_app.display_states.vocabulary import DisplayState


@dataclass(frozen=True)
class AwsCalls:
    """Calls with the same text and outcome. `at` and `detail` are those of the last one."""

    text: str
    state: DisplayState
    count: int
    at: datetime
    detail: str
    request_ids: tuple[str, ...]
    rounds: tuple[int, ...]


@dataclass(frozen=True)
class AccountCalls:
    account_id: str
    name: str
    count: int
    calls: tuple[AwsCalls, ...]


def group_aws_calls(item: RequestItem, events: Sequence[TimelineEvent]) -> tuple[AccountCalls, ...]:
    """Accounts in the order of their first call."""
    by_account: dict[str, list[TimelineEvent]] = {}
    for event in events:
        if event.account_id:
            by_account.setdefault(event.account_id, []).append(event)
    accounts = (item.table.database.catalog.account, item.request.principal.account)
    names = {account.account_id: account.name for account in accounts}
    return tuple(
        AccountCalls(account_id, names.get(account_id, ""), len(found), _group_repeats(found))
        for account_id, found in by_account.items()
    )


def _group_repeats(events: Iterable[TimelineEvent]) -> tuple[AwsCalls, ...]:
    alike: dict[tuple[str, str], list[TimelineEvent]] = {}
    for event in events:
        alike.setdefault((event.kind, event.text), []).append(event)
    return tuple(_build_calls(found) for found in alike.values())


def _build_calls(events: Sequence[TimelineEvent]) -> AwsCalls:
    last = events[-1]
    return AwsCalls(
        text=last.text,
        state=DisplayState(TIMELINE_STATES[last.kind]),
        count=len(events),
        at=last.at,
        detail=last.detail,
        request_ids=tuple(dict.fromkeys(event.request_id for event in events if event.request_id)),
        rounds=tuple(dict.fromkeys(event.round for event in events if event.round)),
    )
