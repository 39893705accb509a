"""Reads what RAM carries from a catalog's account to a consumer's, as both of them see it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.accounts.models import Account, ConnectedCatalog
from lakeformation.observation.known_answers import (
    ASSOCIATION_IS_OPEN,
    ASSOCIATION_STATUSES,
    ASSOCIATION_UNDER_WAY,
    RESOURCE_IS_OPEN,
    RESOURCE_STATUSES,
    SHARE_IS_OPEN,
    SHARE_STATUSES,
    SHARE_UNDER_WAY,
)
from lakeformation.observation.unknown_rows import UnknownRow
from lakeformation.values.permissions import DataCatalog
from workers.aws import reads
from workers.aws.sessions import get_client


@dataclass(frozen=True)
class ReadShares:
    """See `Observation`. `unknown_rows` are statuses that are not known: what has one is neither usable nor gone."""

    accepted: frozenset[str] = frozenset()
    received: frozenset[str] = frozenset()
    sent: frozenset[str] = frozenset()
    stopped: dict[str, str] = field(default_factory=dict)
    unknown_rows: frozenset[UnknownRow] = frozenset()


def read_shares(consumer: Account, catalog: ConnectedCatalog) -> ReadShares:
    """A share carries what it holds while its receiver sees it as active and its sender as associated."""
    receiver = get_client("ram", account=consumer, role="observer", region=catalog.region)
    sender = get_client("ram", account=catalog.account, role="observer", region=catalog.region)
    place = DataCatalog(catalog.account.account_id, catalog.region)
    associations = reads.list_associations(sender, consumer.account_id)
    told = {row["resourceShareArn"]: row["status"] for row in associations}
    # Shares of other senders are theirs to judge.
    seen = {
        row["resourceShareArn"]: row["status"]
        for row in reads.list_received_shares(receiver)
        if row["resourceShareArn"] in told
    }
    accepted = sorted(
        arn for arn, status in seen.items() if status == SHARE_IS_OPEN and told[arn] == ASSOCIATION_IS_OPEN
    )
    received = reads.list_received_resources(receiver, accepted) if accepted else []
    sent = reads.list_sent_resources(sender, consumer.account_id)
    resources = {row["arn"]: row["status"] for row in (*sent, *received) if "status" in row}
    unknown = [
        *list_unknown_statuses("RAM share", seen, SHARE_STATUSES),
        *list_unknown_statuses("association of RAM share", told, ASSOCIATION_STATUSES),
        *list_unknown_statuses("shared resource", resources, RESOURCE_STATUSES),
    ]
    return ReadShares(
        accepted=frozenset(accepted),
        received=frozenset(row["arn"] for row in received if is_available(row)),
        sent=frozenset(row["arn"] for row in sent),
        stopped={
            **_list_stopped(seen, {SHARE_IS_OPEN, *SHARE_UNDER_WAY}),
            **_list_stopped(told, {ASSOCIATION_IS_OPEN, *ASSOCIATION_UNDER_WAY}),
        },
        unknown_rows=frozenset(build_unknown_status(place, consumer, *one) for one in unknown),
    )


def is_available(row: Mapping[str, Any]) -> bool:
    """AWS leaves the status out where there is nothing to say."""
    return row.get("status") in {None, RESOURCE_IS_OPEN}


def list_unknown_statuses(
    kind: str, statuses: Mapping[str, str], known: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Kind, ARN and status of what has a status that is not known."""
    return ((kind, arn, status) for arn, status in sorted(statuses.items()) if status not in known)


def build_unknown_status(
    place: DataCatalog, consumer: Account, kind: str, arn: str, status: str
) -> UnknownRow:
    name = arn.split(":", 5)[-1].removeprefix("resource-share/").removeprefix("resource-share-invitation/")
    return UnknownRow(place, consumer.account_id, kind, (status,), name, gives_access=False)


def _list_stopped(statuses: Mapping[str, str], expected: Iterable[str]) -> dict[str, str]:
    return {arn: status for arn, status in statuses.items() if status not in set(expected)}
