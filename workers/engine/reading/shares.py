"""Reads what RAM carries from a catalog's account to a consumer's, as both of them see it."""

from dataclasses import dataclass, field

from identity.accounts.models import Account, ConnectedCatalog
from workers.aws import reads
from workers.aws.sessions import get_client

ASSOCIATED = "ASSOCIATED"
UNDER_WAY = frozenset({"ASSOCIATING", "DISASSOCIATING", "DISASSOCIATED"})
"""Statuses of an association that an invitation, or its end, explains."""


@dataclass(frozen=True)
class ReadShares:
    """See `Observation`."""

    accepted: frozenset[str] = frozenset()
    received: frozenset[str] = frozenset()
    sent: frozenset[str] = frozenset()
    stopped: dict[str, str] = field(default_factory=dict)


def read_shares(consumer: Account, catalog: ConnectedCatalog) -> ReadShares:
    """A share carries what it holds while its receiver sees it as active and its sender as associated."""
    receiver = get_client("ram", account=consumer, role="observer", region=catalog.region)
    sender = get_client("ram", account=catalog.account, role="observer", region=catalog.region)
    associations = reads.list_associations(sender, consumer.account_id)
    statuses = {row["resourceShareArn"]: row["status"] for row in associations}
    seen = {row["resourceShareArn"] for row in reads.list_received_shares(receiver)}
    accepted = sorted(arn for arn in seen if statuses.get(arn) == ASSOCIATED)
    return ReadShares(
        accepted=frozenset(accepted),
        received=frozenset(row["arn"] for row in reads.list_received_resources(receiver, accepted))
        if accepted
        else frozenset(),
        sent=frozenset(row["arn"] for row in reads.list_sent_resources(sender, consumer.account_id)),
        stopped={arn: status for arn, status in statuses.items() if status not in {ASSOCIATED, *UNDER_WAY}},
    )
