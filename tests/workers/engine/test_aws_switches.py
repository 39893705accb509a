"""The engine is right whichever way AWS goes where that is not known: no switch of mocklake, turned, makes it wrong.

Every flow is played with all switches turned. In seven worlds about half of them are turned: any two switches both, one
without the other, and neither. Each flow is played in one of the seven, which so share the flows. With all switches at their
default, the flows are played that the engine's other tests, whose AWS has all at their default, do not play step by step.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import combinations

import pytest
from pytest_django.fixtures import Settings

from audit.models import Event
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.states import RegistrationStatus
from decisions.actions import end_proposal
from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.intents.models import Intent
from fulfilment.observations.models import RegisteredLocation
from kernel import clock
from mocklake.testing.switches import ALL, EACH_OTHER, OTHER, Value, asked
from requests_app.review.column_holds import release_column
from tests.database import TestDatabase
from tests.registrations import make_producer
from tests.workers.engine.drift.test_column_holds import grant_table_before_new_column
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.lf_tag_changes import approve, assign, make_tagged, propose, run_until_proven
from tests.workers.lf_tag_grants import assign_tags, grant_by_tags, list_held_by_tags
from tests.workers.mesh import Mesh
from tests.workers.own_mesh import make_own_mesh
from tests.workers.producer import WRITES, Producer, get_domain
from tests.workers.switch_flows import FLOW_SWITCHES, IRRELEVANT_SWITCHES, advance_clocks

COLUMNS = ("policy_id", "gender", "region")
RULE = "region = 'Ost'"
HALF_TURNED, TURNED_IN = 7, 4
"""Any two sets of four of the seven worlds share one, as four and four are more than seven."""


def list_switch_sets() -> dict[str, dict[str, Value]]:
    """By name of the world, what it turns."""
    turned: dict[str, list[Value]] = {}
    for name, value in EACH_OTHER:
        if name not in IRRELEVANT_SWITCHES:
            turned.setdefault(name, []).append(value)
    worlds: list[dict[str, Value]] = [{} for _ in range(HALF_TURNED)]
    for (name, values), places in zip(
        turned.items(), combinations(range(HALF_TURNED), TURNED_IN), strict=False
    ):
        for at, place in enumerate(places):
            worlds[place][name] = values[at % len(values)]
    return {"default": {}, "other": dict(OTHER), **{str(at): world for at, world in enumerate(worlds)}}


SWITCH_SETS = list_switch_sets()
HALF_TURNED_SETS = [name for name in SWITCH_SETS if name not in {"default", "other"}]


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


def play_registration(mesh: Mesh) -> None:
    make_producer(mesh.roles[BI].account, get_domain(mesh))
    producer = Producer(mesh, BI, f"{mesh.database}_registered")
    row = producer.register()
    producer.run_until(row, RegistrationStatus.REGISTERED)
    assert producer.list_holders() == {mesh.roles[BI].arn: WRITES}
    end_proposal(kind=REGISTRATION, acting_user=mesh.owner, pk=row.pk, reason="Moved.", now=clock.now())
    producer.run_until(row, RegistrationStatus.ENDED)
    assert (producer.list_holders(), producer.find_table(row)["Name"]) == ({}, row.table)


def play_tag_change(mesh: Mesh) -> None:
    make_tagged(mesh)
    assign_tags(mesh, "gold", ["gender"])
    grant = grant_by_tags(mesh, PARTNER)
    mesh.run_until_presence(grant, "present")
    assert "gender" in mesh.list_visible_columns(PARTNER)
    run_until_proven(approve(mesh, propose(mesh, [assign(mesh, "gender", "none")])))
    assert "gender" not in mesh.list_visible_columns(PARTNER)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")


def has_drift_event(intent: Intent) -> bool:
    return Event.objects.filter(verb="found_drift", subject=intent.subject).exists()


FLOWS: tuple[Callable[[Mesh], None], ...] = (
    partial(play_columns, account=BI),
    partial(play_columns, account=PARTNER),
    play_row_filters,
    play_lf_tags,
    play_tag_change,
    play_expiry,
    play_metadata_only,
    *FLOW_SWITCHES,
    play_column_hold,
    play_opt_in,
    play_drift,
    play_registration,
)
PLAYED_ALONE = (*FLOW_SWITCHES, play_expiry, play_metadata_only, play_opt_in)
"""Flows that no other file plays as a whole."""


def list_flows(world: str) -> list[Callable[[Mesh], None]]:
    if world not in HALF_TURNED_SETS:
        return list(PLAYED_ALONE if world == "default" else FLOWS)
    return list(FLOWS[HALF_TURNED_SETS.index(world) :: len(HALF_TURNED_SETS)])


def list_first_values(world: str) -> set[str]:
    """Switches whose value here is none of "other", where every flow is played, and of no world before this one."""
    before = list(SWITCH_SETS)[: list(SWITCH_SETS).index(world)]
    return {
        name
        for name, value in SWITCH_SETS[world].items()
        if value != OTHER[name] and all(SWITCH_SETS[one].get(name) != value for one in before)
    }


@pytest.mark.all
@pytest.mark.parametrize("world", SWITCH_SETS)
def test_the_flows_come_out_right_whichever_way_aws_goes(mesh: Mesh, world: str) -> None:
    asked_for: set[str] = set()
    for flow in list_flows(world):
        with asked() as names:
            flow(mesh)
        asked_for |= names & FLOW_SWITCHES.get(flow, ALL.keys())
    assert (ALL.keys() - asked_for) ^ IRRELEVANT_SWITCHES.keys() == set() or world != "other"
    assert list_first_values(world) <= asked_for


def test_any_two_switches_are_turned_together_and_each_without_the_other() -> None:
    relevant = [name for name, _value in EACH_OTHER if name not in IRRELEVANT_SWITCHES]
    for one, other in combinations(dict.fromkeys(relevant), 2):
        found = {(one in world, other in world) for world in SWITCH_SETS.values()}
        assert found == {(False, False), (False, True), (True, False), (True, True)}, (one, other)
    played = {(name, value) for world in SWITCH_SETS.values() for name, value in world.items()}
    assert {pair for pair in EACH_OTHER if pair[0] in relevant} <= played


def test_the_seven_worlds_share_the_flows_evenly() -> None:
    played = [list_flows(world) for world in HALF_TURNED_SETS]
    assert {flow for flows in played for flow in flows} == set(FLOWS)
    assert {len(flows) for flows in played} <= {2, 3}
    assert list_flows("other") == list(FLOWS)
    assert set(list_flows("default")) == set(PLAYED_ALONE)
