"""The engine is right whichever way AWS goes where that is not known: no switch of awsim, turned, makes it wrong.

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
from awsim.testing.switches import ALL, EACH_OTHER, OTHER, Value, asked
from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.intents.models import Intent
from fulfilment.observations.models import RegisteredLocation
from requests_app.review.column_holds import release_column
from tests.database import TestDatabase
from tests.workers.engine.drift.test_column_holds import whole_table_before_it_grew
from tests.workers.mesh import Mesh
from tests.workers.own_aws import mesh_of_its_own
from tests.workers.rare_flows import ASKED_BY_NONE, OF, go_ahead
from tests.workers.tags import carry, grant_by_tags, held_by_tags
from tests.workers.working import work_till

COLUMNS = ("policy_id", "gender", "region")
RULE = "region = 'Ost'"
WORLDS: dict[str, dict[str, Value]] = {
    "default": {},
    "other": dict(OTHER),
    **{f"{name}={value}": {name: value} for name, value in EACH_OTHER if name not in ASKED_BY_NONE},
}
_asked_for: dict[int, set[str]] = defaultdict(set)
"""By a flow's place in FLOWS: the switches that it asked for in the default world, once this process has played that."""


@pytest.fixture
def mesh(world: str, committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with mesh_of_its_own(settings, WORLDS[world]) as mesh:
        yield mesh


def columns_come_narrow_and_go(mesh: Mesh, account: str) -> None:
    broad, narrow = mesh.grant(("policy_id", "gender"), account), mesh.grant(("policy_id", "region"), account)
    mesh.work_until(broad, "present")
    mesh.work_until(narrow, "present")
    assert mesh.visible(account) == [*COLUMNS, "snapshot_date"]
    mesh.revoke(broad)
    mesh.work_until(broad, "absent")
    assert mesh.visible(account) == ["policy_id", "region", "snapshot_date"]
    whole = mesh.grant((), account)
    mesh.work_until(whole, "present")
    assert "expected_remaining_years" in mesh.visible(account)
    mesh.revoke(whole)
    mesh.work_until(whole, "absent")
    mesh.work_until(narrow, "present")
    assert mesh.visible(account) == ["policy_id", "region", "snapshot_date"]
    mesh.revoke(narrow)
    mesh.work_until(narrow, "absent")
    assert (mesh.visible(account), mesh.held(account)) == ([], {})


def rows_come_unite_and_go(mesh: Mesh) -> None:
    ruled = mesh.grant(COLUMNS, rows=RULE)
    mesh.work_until(ruled, "present")
    assert mesh.rows_of("region") == [["Ost"]]
    other = mesh.grant(COLUMNS, rows="region = 'West'")
    mesh.work_until(other, "present")
    assert mesh.rows_of("region") == [["Ost"], ["West"]]
    mesh.revoke(ruled)
    mesh.work_until(ruled, "absent")
    assert mesh.rows_of("region") == [["West"]]
    mesh.revoke(other)
    mesh.work_until(other, "absent")
    work_till(lambda: not mesh.filters())
    assert (mesh.visible(), mesh.filters()) == ([], {})


def metadata_outlive_what_reads(mesh: Mesh) -> None:
    metadata, reads = mesh.grant((), metadata_only=True), mesh.grant(("policy_id",))
    mesh.work_until(reads, "present")
    mesh.work_until(metadata, "present")
    mesh.revoke(reads)
    mesh.work_until(reads, "absent")
    mesh.work_until(metadata, "present")
    assert (mesh.held(), mesh.visible()) == ({"DESCRIBE": []}, [])
    mesh.revoke(metadata)
    mesh.work_until(metadata, "absent")


def it_ends_by_its_time(mesh: Mesh) -> None:
    grant = mesh.grant(account=PARTNER, lasts=timedelta(hours=20))
    mesh.work_until(grant, "present")
    assert mesh.visible(PARTNER) == [*COLUMNS, "snapshot_date"]
    go_ahead(mesh, timedelta(hours=21))
    mesh.work_until(grant, "absent")
    assert (mesh.visible(PARTNER), mesh.held(PARTNER)) == ([], {})


def a_role_of_the_owner_opts_in_and_out(mesh: Mesh) -> None:
    mesh.open_at_home()
    lake, path = mesh.governance(), mesh.table.location.removeprefix("s3://").rstrip("/")
    role = mesh.catalog.location_role_arn
    arn = f"arn:aws:s3:::{path}"
    lake.deregister_resource(ResourceArn=arn)
    lake.register_resource(ResourceArn=arn, RoleArn=role, HybridAccessEnabled=True)
    while not RegisteredLocation.objects.filter(arn=arn, is_hybrid=True).exists():
        mesh.work(2)
    grant = mesh.grant(COLUMNS, GOVERNANCE)
    mesh.work_until(grant, "present")
    assert mesh.visible(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.visible(GOVERNANCE) == []


def a_later_column_is_let_in(mesh: Mesh) -> None:
    grant, hold = whole_table_before_it_grew(mesh)
    assert "region" not in mesh.visible()
    why = "It names countries alone."
    release_column(acting_user=mesh.owner, hold_id=hold.pk, reason=why, now=clock.now())
    mesh.work_until(grant, "present")
    assert "region" in mesh.visible()
    mesh.catalog.holds_new_columns = False
    mesh.catalog.save()
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert (mesh.visible(), mesh.held()) == ([], {})


def tags_open_and_close(mesh: Mesh) -> None:
    carry(mesh)
    carry(mesh, "none", ["gender"])
    for account in (BI, PARTNER):
        grant = grant_by_tags(mesh, account)
        mesh.work_until(grant, "present")
        assert set(mesh.visible(account)) > {"policy_id", "region"}
        assert "gender" not in mesh.visible(account)
        mesh.revoke(grant)
        mesh.work_until(grant, "absent")
        assert (mesh.visible(account), held_by_tags(mesh, account)) == ([], {})


def drift_is_mended(mesh: Mesh) -> None:
    grant, ruled = mesh.grant(COLUMNS), mesh.grant(COLUMNS, PARTNER, rows=RULE)
    mesh.work_until(grant, "present")
    mesh.work_until(ruled, "present")
    mesh.take_away(["gender"])
    (name,) = mesh.filters()
    where = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    mesh.slip_in(["smoker"])
    wide = {**where, "Name": name, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": list(COLUMNS)}
    mesh.governance().update_data_cells_filter(TableData=wide)
    for one in (grant, ruled):
        mesh.work_for(one, was_found_drifted)
    mesh.work_until(grant, "present")
    mesh.work_until(ruled, "present")
    assert set(mesh.held()["SELECT"]) >= {*COLUMNS, "smoker"}
    assert mesh.rows_of("region", PARTNER) == [["Ost"]]


def was_found_drifted(intent: Intent) -> bool:
    return Event.objects.filter(verb="found_drift", subject=intent.subject).exists()


FLOWS: tuple[Callable[[Mesh], None], ...] = (
    partial(columns_come_narrow_and_go, account=BI),
    partial(columns_come_narrow_and_go, account=PARTNER),
    rows_come_unite_and_go,
    tags_open_and_close,
    it_ends_by_its_time,
    metadata_outlive_what_reads,
    *OF,
    a_later_column_is_let_in,
    a_role_of_the_owner_opts_in_and_out,
    drift_is_mended,
)


def concerned_by(turned: set[str]) -> list[int]:
    """Places of the flows that go another way when these are turned; all of them, where the default was not played."""
    return [at for at in range(len(FLOWS)) if not _asked_for or _asked_for[at] & turned]


def play(mesh: Mesh) -> None:
    """Every flow, with a record of what each asks for."""
    found = {}
    for at, flow in enumerate(FLOWS):
        with asked() as names:
            flow(mesh)
        found[at] = names & OF.get(flow, ALL.keys())
    _asked_for.update(found)
    assert ALL.keys() - set().union(*found.values()) == ASKED_BY_NONE.keys()


# One process plays the default world first, and then knows what the others need.
@pytest.mark.all
@pytest.mark.xdist_group("either-way")
@pytest.mark.parametrize("world", WORLDS)
def test_the_flows_come_out_right_whichever_way_aws_goes(world: str, request: pytest.FixtureRequest) -> None:
    if not (turned := set(WORLDS[world])):
        play(request.getfixturevalue("mesh"))
    elif places := concerned_by(turned):
        mesh = request.getfixturevalue("mesh")
        for at in places:
            FLOWS[at](mesh)


def test_what_was_not_recorded_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(range(len(FLOWS)))
    monkeypatch.setattr(f"{__name__}._asked_for", defaultdict(set))
    assert concerned_by({"merge_column_rows"}) == every
    monkeypatch.setattr(
        f"{__name__}._asked_for", defaultdict(set, {0: {"merge_column_rows"}, 1: {"invitation_hours"}})
    )
    assert concerned_by({"merge_column_rows"}) == [0]
    assert concerned_by({"merge_column_rows", "invitation_hours"}) == [0, 1]
    assert concerned_by({"short_page_seed"}) == []
