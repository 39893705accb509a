"""Random histories of overlapping grants: in the end Athena answers what the live grants say, cell by cell."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from background.task_table import TaskName
from demo.bank.accounts import BI, GOVERNANCE, PARTNER, REGION
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import RefusedError
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from tests.database import as_role
from tests.workers.due_tasks import run_due
from tests.workers.mesh import Mesh

REQUESTABLE_COLUMNS = ("policy_id", "birth_year", "gender", "region", "smoker")
REGIONS = {"Nord", "West", "Ost", "Sued", "Mitte"}
RULES = {
    "": REGIONS,
    "region = 'Ost'": {"Ost"},
    "region IN ('Nord', 'West')": {"Nord", "West"},
    "NOT region = 'Ost'": REGIONS - {"Ost"},
}
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@dataclass(frozen=True)
class RequestMove:
    """`hours`: how long it lasts; `runs_rounds`: whether the workers run between it and the next move."""

    account: str
    columns: frozenset[str]
    hours: int
    runs_rounds: bool
    rows: str


@dataclass(frozen=True)
class RevokeMove:
    index: int
    runs_rounds: bool


@dataclass(frozen=True)
class WaitMove:
    hours: int
    runs_rounds: bool = True


@dataclass(frozen=True)
class ShareLossMove:
    """Outside the portal: the account's shares are deleted, or only the table leaves them."""

    account: str
    is_whole: bool
    runs_rounds: bool


Move = RequestMove | RevokeMove | WaitMove | ShareLossMove
moves = st.one_of(
    st.builds(
        RequestMove,
        st.sampled_from([BI, PARTNER]),
        st.frozensets(st.sampled_from(REQUESTABLE_COLUMNS), min_size=1),
        st.integers(1, 6),
        st.booleans(),
        st.sampled_from(list(RULES)),
    ),
    st.builds(RevokeMove, st.integers(0, 9), st.booleans()),
    st.builds(WaitMove, st.integers(1, 4)),
    st.builds(ShareLossMove, st.sampled_from([BI, PARTNER]), st.booleans(), st.booleans()),
)
histories = st.lists(moves, min_size=2, max_size=7)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(histories)
def test_athena_answers_what_the_live_grants_say(mesh: Mesh, history: list[Move]) -> None:
    play_and_compare(mesh, history)


@pytest.mark.all
@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
@given(histories)
def test_athena_answers_what_the_live_grants_say_at_length(mesh: Mesh, history: list[Move]) -> None:
    play_and_compare(mesh, history)


def play_and_compare(mesh: Mesh, history: list[Move]) -> None:
    for grant in list_live():
        mesh.revoke(grant)
    for move in history:
        play_move(mesh, move)
        if move.runs_rounds:
            mesh.run_rounds(4)
            check_nothing_is_overstated(mesh, history)
    mesh.run_rounds(2)
    settle_intents(mesh)
    for account in (BI, PARTNER):
        items = [g.item for g in list_live() if g.principal == mesh.roles[account]]
        expected = {column for item in items for column in item.columns}
        assert {c for c in mesh.list_visible_columns(account) if c != "snapshot_date"} == expected, history
        regions = {r for item in items if "region" in item.columns for r in RULES[item.row_filter]}
        assert {row[0] for row in mesh.select_distinct("region", account)} - {None} == regions, history


def play_move(mesh: Mesh, move: Move) -> None:
    match move:
        case RequestMove(account, columns, hours):
            with suppress(RefusedError):  # it has all of that already
                mesh.grant(sorted(columns), account, lasts=timedelta(hours=hours), rows=move.rows)
        case RevokeMove(which):
            if grants := list_live():
                mesh.revoke(grants[which % len(grants)])
        case WaitMove(hours):
            with as_role("meshmarket_owner"):
                clock.advance(timedelta(hours=hours))
            with as_role("meshmarket_worker"):
                run_due(TaskName.EXPIRE_DUE)
        case ShareLossMove(account, is_whole):
            lose_share(mesh, account, is_whole=is_whole)


def lose_share(mesh: Mesh, account: str, *, is_whole: bool) -> None:
    ram = mesh.governance_client("ram")
    if is_whole:
        shares = ram.list_resources(resourceOwner="SELF", principal=account)["resources"]
        for arn in sorted({row["resourceShareArn"] for row in shares}):
            ram.delete_resource_share(resourceShareArn=arn)
        return
    table = f":table/{mesh.database}/{mesh.table.name}"
    for row in ram.list_resources(resourceOwner="SELF", principal=account)["resources"]:
        if row["arn"].endswith(table):
            change = {"do": "unshare_resource", "account": GOVERNANCE, "region": REGION}
            mesh.cloud.control("change", {**change, "receiver": account, "resource": row["arn"]})


def check_nothing_is_overstated(mesh: Mesh, history: list[Move]) -> None:
    """What is shown as usable after a reading is what Athena gives."""
    for account in (BI, PARTNER):
        proven = [g for g in list_live() if g.principal == mesh.roles[account] and is_shown_usable(mesh, g)]
        shown = {column for grant in proven for column in grant.item.columns}
        assert shown <= set(mesh.list_visible_columns(account)), history


def is_shown_usable(mesh: Mesh, grant: Grant) -> bool:
    intent = mesh.get_intent(grant)
    return intent.is_proven and intent.presence == Intent.Presence.PRESENT


def list_live() -> list[Grant]:
    return list(Grant.objects.filter(state=GrantState.LIVE, ends_at__gt=clock.now()).order_by("pk"))


def settle_intents(mesh: Mesh) -> None:
    """Until every intent stands proven as its grant says."""
    alive = {grant.intent_id for grant in list_live()}
    for intent in Intent.objects.order_by("pk"):
        mesh.run_until_presence(intent.grant, "present" if intent.pk in alive else "absent")
