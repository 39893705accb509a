"""A status of RAM that this version does not know is neither usable nor gone."""

from typing import Any

import pytest

from identity.accounts import Account, ConnectedCatalog
from lakeformation.observation.reading import InvitationState
from lakeformation.values.permissions import DataCatalog
from tests.lakeformation.simulated_catalog import NOW
from workers.aws import reads
from workers.engine import share_reading

OWNER, CONSUMER = Account(account_id="111111111111"), Account(account_id="222222222222")
CATALOG = ConnectedCatalog(account=OWNER, region="eu-central-1")
SHARE = "arn:aws:ram:eu-central-1:111111111111:resource-share/one"
TABLE = "arn:aws:glue:eu-central-1:111111111111:table/db/t"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Statuses by what they are of: what RAM answers to both accounts."""
    statuses = {"share": "ACTIVE", "association": "ASSOCIATED", "resource": "AVAILABLE"}

    def list_rows(what: str, **members: str) -> list[dict[str, Any]]:
        return [{"resourceShareArn": SHARE, "arn": TABLE, **members, "status": statuses[what]}]

    monkeypatch.setattr(share_reading, "get_client", lambda *_asked, **_named: None)
    monkeypatch.setattr(reads, "list_received_shares", lambda _ram: list_rows("share"))
    monkeypatch.setattr(reads, "list_associations", lambda _ram, _receiver: list_rows("association"))
    monkeypatch.setattr(reads, "list_received_resources", lambda _ram, _shares: list_rows("resource"))
    monkeypatch.setattr(reads, "list_sent_resources", lambda _ram, _receiver: list_rows("resource"))
    return statuses


def test_an_active_share_carries_what_is_available(told: dict[str, str]) -> None:
    found = share_reading.read_shares(CONSUMER, CATALOG)
    assert (sorted(found.accepted), sorted(found.received), sorted(found.sent)) == ([SHARE], [TABLE], [TABLE])
    assert (found.stopped, sorted(found.unknown_rows)) == ({}, [])


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("share", "RAM share one of 222222222222: MELTED"),
        ("association", "association of RAM share one of 222222222222: MELTED"),
        ("resource", "shared resource table/db/t of 222222222222: MELTED"),
    ],
)
def test_a_status_that_is_not_known_is_told_and_not_usable(
    told: dict[str, str], what: str, text: str
) -> None:
    told[what] = "MELTED"
    found = share_reading.read_shares(CONSUMER, CATALOG)
    assert [row.describe() for row in found.unknown_rows] == [text]
    assert (sorted(found.received), sorted(found.sent)) == ([], [TABLE])
    assert set(found.stopped.values()) == ({"MELTED"} if what != "resource" else set())


@pytest.mark.parametrize(("what", "status"), [("share", "FAILED"), ("association", "SUSPENDED")])
def test_a_known_status_stops_a_share_and_is_no_finding(told: dict[str, str], what: str, status: str) -> None:
    told[what] = status
    found = share_reading.read_shares(CONSUMER, CATALOG)
    assert (found.received, found.stopped, found.unknown_rows) == (frozenset(), {SHARE: status}, frozenset())


def test_an_invitation_of_an_unknown_status_is_neither_open_nor_closed() -> None:
    row = {
        "resourceShareInvitationArn": SHARE.replace("share/", "share-invitation/"), "resourceShareArn": SHARE, "senderAccountId": OWNER.account_id,
        "invitationTimestamp": NOW, "status": "PONDERED",
    }  # fmt: skip
    assert share_reading.parse_invitation(row, NOW).state is InvitationState.UNKNOWN
    place = DataCatalog(OWNER.account_id, "eu-central-1")
    (unknown,) = share_reading.list_unknown_invitations(CONSUMER, place, [row])
    assert unknown.describe() == "invitation to a RAM share one of 222222222222: PONDERED"
