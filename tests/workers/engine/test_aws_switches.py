"""The engine is right whichever way AWS goes where that is not known: no switch of mocklake, turned, makes it wrong.

By default every flow is played, and so with every switch turned. With one turned alone those flows are played that
asked for that switch when all were at their default: any other would go the same way again, call by call. Of rare
flows each is played for its own switches alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from pytest_django.fixtures import Settings

from audit import clock
from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.intents.models import Intent
from fulfilment.observations.models import RegisteredLocation
from mocklake.testing.switches import ALL, EACH_OTHER, OTHER, Value, asked
from requests_app.review.column_holds import release_column
from tests.database import TestDatabase
from tests.workers.engine.drift.test_column_holds import grant_table_before_new_column
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.lf_tag_grants import assign_tags, grant_by_tags, list_held_by_tags
from tests.workers.mesh import Mesh
from tests.workers.own_mesh import make_own_mesh
from tests.workers.switch_flows import FLOW_SWITCHES, IRRELEVANT_SWITCHES, advance_clocks

COLUMNS = ("policy_id", "gender", "region")
RULE = "region = 'Ost'"
SWITCH_SETS: dict[str, dict[str, Value]] = {
    "default": {},
    "other": dict(OTHER),
    **{f"{name}={value}": {name: value} for name, value in EACH_OTHER if name not in IRRELEVANT_SWITCHES},
}
_used_switches: dict[int, set[str]] = defaultdict(set)
"""By a flow's place in FLOWS: the switches that it asked for in the default world, once this process has played that."""


@pytest.fixture
def mesh(world: str, committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with make_own_mesh(settings, SWITCH_SETS[world]) as mesh:
        yield mesh


def play_columns(mesh: Mesh, account: str) -> None:
    broad, narrow = mesh.grant(("policy_id", "gender"), account), mesh.grant(("policy_id", "region"), account)
    mesh.run_until_presence(broad, "present")
    mesh.run_until_presence(narrow, "present")
    assert mesh.list_visible_columns(account) == [*COLUMNS, "snapshot_date"]
    mesh.revoke(broad)
    mesh.run_until_presence(broad, "absent")
    assert mesh.list_visible_columns(account) == ["policy_id", "region", "snapshot_date"]
    whole = mesh.grant((), account)
    mesh.run_until_presence(whole, "present")
    assert "expected_remaining_years" in mesh.list_visible_columns(account)
    mesh.revoke(whole)
    mesh.run_until_presence(whole, "absent")
    mesh.run_until_presence(narrow, "present")
    assert mesh.list_visible_columns(account) == ["policy_id", "region", "snapshot_date"]
    mesh.revoke(narrow)
    mesh.run_until_presence(narrow, "absent")
    assert (mesh.list_visible_columns(account), mesh.list_held_columns(account)) == ([], {})


def play_row_filters(mesh: Mesh) -> None:
    ruled = mesh.grant(COLUMNS, rows=RULE)
    mesh.run_until_presence(ruled, "present")
    assert mesh.select_distinct("region") == [["Ost"]]
    other = mesh.grant(COLUMNS, rows="region = 'West'")
    mesh.run_until_presence(other, "present")
    assert mesh.select_distinct("region") == [["Ost"], ["West"]]
    mesh.revoke(ruled)
    mesh.run_until_presence(ruled, "absent")
    assert mesh.select_distinct("region") == [["West"]]
    mesh.revoke(other)
    mesh.run_until_presence(other, "absent")
    run_rounds_until(lambda: not mesh.list_filters())
    assert (mesh.list_visible_columns(), mesh.list_filters()) == ([], {})


def play_metadata_only(mesh: Mesh) -> None:
    metadata, reads = mesh.grant((), metadata_only=True), mesh.grant(("policy_id",))
    mesh.run_until_presence(reads, "present")
    mesh.run_until_presence(metadata, "present")
    mesh.revoke(reads)
    mesh.run_until_presence(reads, "absent")
    mesh.run_until_presence(metadata, "present")
    assert (mesh.list_held_columns(), mesh.list_visible_columns()) == ({"DESCRIBE": []}, [])
    mesh.revoke(metadata)
    mesh.run_until_presence(metadata, "absent")


def play_expiry(mesh: Mesh) -> None:
    grant = mesh.grant(account=PARTNER, lasts=timedelta(hours=20))
    mesh.run_until_presence(grant, "present")
    assert mesh.list_visible_columns(PARTNER) == [*COLUMNS, "snapshot_date"]
    advance_clocks(mesh, timedelta(hours=21))
    mesh.run_until_presence(grant, "absent")
    assert (mesh.list_visible_columns(PARTNER), mesh.list_held_columns(PARTNER)) == ([], {})


def play_opt_in(mesh: Mesh) -> None:
    mesh.enable_owner_account()
    lake, path = mesh.governance_client(), mesh.table.location.removeprefix("s3://").rstrip("/")
    role = mesh.catalog.location_role_arn
    arn = f"arn:aws:s3:::{path}"
    lake.deregister_resource(ResourceArn=arn)
    lake.register_resource(ResourceArn=arn, RoleArn=role, HybridAccessEnabled=True)
    while not RegisteredLocation.objects.filter(arn=arn, is_hybrid=True).exists():
        mesh.run_rounds(2)
    grant = mesh.grant(COLUMNS, GOVERNANCE)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_visible_columns(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_visible_columns(GOVERNANCE) == []


def play_column_hold(mesh: Mesh) -> None:
    grant, hold = grant_table_before_new_column(mesh)
    assert "region" not in mesh.list_visible_columns()
    why = "It names countries alone."
    release_column(acting_user=mesh.owner, hold_id=hold.pk, reason=why, now=clock.now())
    mesh.run_until_presence(grant, "present")
    assert "region" in mesh.list_visible_columns()
    mesh.catalog.holds_new_columns = False
    mesh.catalog.save()
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert (mesh.list_visible_columns(), mesh.list_held_columns()) == ([], {})


def play_lf_tags(mesh: Mesh) -> None:
    assign_tags(mesh)
    assign_tags(mesh, "none", ["gender"])
    for account in (BI, PARTNER):
        grant = grant_by_tags(mesh, account)
        mesh.run_until_presence(grant, "present")
        assert set(mesh.list_visible_columns(account)) > {"policy_id", "region"}
        assert "gender" not in mesh.list_visible_columns(account)
        mesh.revoke(grant)
        mesh.run_until_presence(grant, "absent")
        assert (mesh.list_visible_columns(account), list_held_by_tags(mesh, account)) == ([], {})


def play_drift(mesh: Mesh) -> None:
    grant, ruled = mesh.grant(COLUMNS), mesh.grant(COLUMNS, PARTNER, rows=RULE)
    mesh.run_until_presence(grant, "present")
    mesh.run_until_presence(ruled, "present")
    mesh.revoke_outside_portal(["gender"])
    (name,) = mesh.list_filters()
    where = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    mesh.grant_outside_portal(["smoker"])
    wide = {**where, "Name": name, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": list(COLUMNS)}
    mesh.governance_client().update_data_cells_filter(TableData=wide)
    for one in (grant, ruled):
        mesh.run_until(one, has_drift_event)
    mesh.run_until_presence(grant, "present")
    mesh.run_until_presence(ruled, "present")
    assert set(mesh.list_held_columns()["SELECT"]) >= {*COLUMNS, "smoker"}
    assert mesh.select_distinct("region", PARTNER) == [["Ost"]]


def has_drift_event(intent: Intent) -> bool:
    return Event.objects.filter(verb="found_drift", subject=intent.subject).exists()


FLOWS: tuple[Callable[[Mesh], None], ...] = (
    partial(play_columns, account=BI),
    partial(play_columns, account=PARTNER),
    play_row_filters,
    play_lf_tags,
    play_expiry,
    play_metadata_only,
    *FLOW_SWITCHES,
    play_column_hold,
    play_opt_in,
    play_drift,
)


def list_concerned_flows(turned: set[str]) -> list[int]:
    """Places of the flows that go another way when these are turned; all of them, where the default was not played."""
    return [at for at in range(len(FLOWS)) if not _used_switches or _used_switches[at] & turned]


def play_all_flows(mesh: Mesh) -> None:
    """Every flow, with a record of what each asks for."""
    found = {}
    for at, flow in enumerate(FLOWS):
        with asked() as names:
            flow(mesh)
        found[at] = names & FLOW_SWITCHES.get(flow, ALL.keys())
    _used_switches.update(found)
    never_asked = ALL.keys() - set().union(*found.values())
    assert never_asked ^ IRRELEVANT_SWITCHES.keys() == set()


# One process plays the default world first, and then knows what the others need.
@pytest.mark.all
@pytest.mark.xdist_group("either-way")
@pytest.mark.parametrize("world", SWITCH_SETS)
def test_the_flows_come_out_right_whichever_way_aws_goes(world: str, request: pytest.FixtureRequest) -> None:
    if not (turned := set(SWITCH_SETS[world])):
        play_all_flows(request.getfixturevalue("mesh"))
    elif places := list_concerned_flows(turned):
        mesh = request.getfixturevalue("mesh")
        for at in places:
            FLOWS[at](mesh)


def test_what_was_not_recorded_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(range(len(FLOWS)))
    monkeypatch.setattr(f"{__name__}._used_switches", defaultdict(set))
    assert list_concerned_flows({"merge_column_rows"}) == every
    monkeypatch.setattr(
        f"{__name__}._used_switches", defaultdict(set, {0: {"merge_column_rows"}, 1: {"invitation_hours"}})
    )
    assert list_concerned_flows({"merge_column_rows"}) == [0]
    assert list_concerned_flows({"merge_column_rows", "invitation_hours"}) == [0, 1]
    assert list_concerned_flows({"short_page_seed"}) == []
