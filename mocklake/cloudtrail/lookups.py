"""LookupEvents: management events of the account and region, the newest first.

AWS keeps 90 days; mocklake keeps the newest 4,000 writes and 1,000 reads of all accounts together.
"""

import heapq
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from mocklake.cloudtrail.records import TIME, username_of
from mocklake.cloudtrail.store import store_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import read_token, write_token
from mocklake.world import World

MOST = 50
DAYS_KEPT = 90
Record = dict[str, Any]
_ATTRIBUTES: dict[str, Callable[[Record], str]] = {
    "EventId": lambda record: str(record["eventID"]),
    "EventName": lambda record: str(record["eventName"]),
    "EventSource": lambda record: str(record["eventSource"]),
    "ReadOnly": lambda record: str(record["readOnly"]).lower(),
    "Username": username_of,
    "AccessKeyId": lambda record: str(record["userIdentity"].get("accessKeyId", "")),
}


def lookup_events(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """By at most one attribute and a span of time; resources are not among the attributes."""
    fits = _filter(params)
    size = int(params.get("MaxResults", MOST))
    if not 1 <= size <= MOST:
        raise AwsError("InvalidMaxResultsException", f"MaxResults is between 1 and {MOST}.")
    position = read_token(params.get("NextToken"), code="InvalidNextTokenException")
    if position is not None and len(position) != 1:
        raise AwsError("InvalidNextTokenException", "The token is not valid.")
    found = [one for one in _newest_first(world, caller) if fits(one)]
    begin = _after(found, position)
    page = found[begin : begin + size]
    more = {"NextToken": write_token([page[-1]["eventID"]])} if begin + size < len(found) else {}
    return {"Events": [_answer(one) for one in page]} | more


def _after(found: list[Record], position: list[Any] | None) -> int:
    """Behind the event that the token names; new ones in front shift nothing."""
    if position is None:
        return 0
    return next((n + 1 for n, one in enumerate(found) if one["eventID"] == position[0]), len(found))


def _newest_first(world: World, caller: Caller) -> Iterator[Record]:
    store, oldest = store_of(world), (world.now() - timedelta(days=DAYS_KEPT)).strftime(TIME)
    kept = (
        [json.loads(one.record) for one in reversed(history) if (one.account, one.region) == here]
        for history in (store.writes, store.reads)
        for here in [(caller.account, caller.region)]
    )
    merged = heapq.merge(*kept, key=lambda one: str(one["eventTime"]), reverse=True)
    return (one for one in merged if one["eventTime"] >= oldest)


def _filter(params: dict[str, Any]) -> Callable[[Record], bool]:
    begin, end = _time(params.get("StartTime")), _time(params.get("EndTime"))
    if begin and end and begin > end:
        raise AwsError("InvalidTimeRangeException", "StartTime is later than EndTime.")
    attributes = params.get("LookupAttributes") or []
    if len(attributes) > 1 or any(attribute["AttributeKey"] not in _ATTRIBUTES for attribute in attributes):
        names = ", ".join(_ATTRIBUTES)
        raise AwsError("InvalidLookupAttributesException", f"At most one lookup attribute, of {names}.")

    def fits(record: Record) -> bool:
        time = record["eventTime"]
        if (begin and time < begin) or (end and time > end):
            return False
        return all(
            _ATTRIBUTES[attribute["AttributeKey"]](record) == attribute["AttributeValue"]
            for attribute in attributes
        )

    return fits


def _time(given: Any) -> str:
    return "" if given is None else datetime.fromtimestamp(float(given), UTC).strftime(TIME)


def _answer(record: Record) -> dict[str, Any]:
    key = record["userIdentity"].get("accessKeyId")
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        **({"AccessKeyId": key} if key else {}),
        "EventTime": datetime.strptime(record["eventTime"], TIME).replace(tzinfo=UTC),
        "EventSource": record["eventSource"],
        "Username": username_of(record),
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }
