"""LF-Tags are changed through the engine: as approved, proven, repaired, and never otherwise than shown."""

from collections.abc import Sequence

import pytest

from catalog.mirror.models import Column
from catalog.tag_changes.queries import compute_current_effects
from demo.bank.accounts import BI, PARTNER
from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from kernel.errors import RefusedError
from lakeformation.drift import DifferenceKind
from lakeformation.planning.changes import PlannedChange
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.lf_tag_changes import approve, assign, make_tagged, propose, run_until_proven
from tests.workers.lf_tag_grants import assign_tags, grant_by_tags
from tests.workers.mesh import Mesh
from workers.aws import writes


@pytest.fixture
def tagged(mesh: Mesh) -> Mesh:
    return make_tagged(mesh)


def mirror(mesh: Mesh, column: str, value: str) -> None:
    """As the sync does that the engine asked for."""
    Column.objects.filter(table=mesh.table, name=column).update(tags={mesh.database: value})


def list_open(*kinds: DifferenceKind) -> list[str]:
    rows = DriftFinding.objects.filter(kind__in=kinds, gone_at__isnull=True)
    return list(rows.values_list("text", flat=True))


def test_two_consumers_lose_exactly_what_was_shown_and_get_it_back(tagged: Mesh) -> None:
    grants = [grant_by_tags(tagged, account) for account in (BI, PARTNER)]
    for grant in grants:
        tagged.run_until_presence(grant, "present")
    before = tagged.list_visible_columns()
    change = propose(tagged, [assign(tagged, "gender", "none")])
    shown = {(one["principal"], *one["lost"], *one["gained"]) for one in change.effects["access"]}
    assert shown == {(tagged.roles[account].arn, "gender") for account in (BI, PARTNER)}
    run_until_proven(approve(tagged, change))
    for account in (BI, PARTNER):
        assert set(before) - set(tagged.list_visible_columns(account)) == {"gender"}
    tagged.run_rounds(4)
    mirror(tagged, "gender", "none")
    tagged.run_rounds(4)
    assert list_open(DifferenceKind.WIDENED, DifferenceKind.NARROWED, DifferenceKind.TAGS_CHANGED) == []
    back = propose(tagged, [assign(tagged, "gender", None)])
    assert {tuple(one["gained"]) for one in back.effects["access"]} == {("gender",)}
    run_until_proven(approve(tagged, back))
    assert tagged.list_visible_columns() == before


def test_changed_effects_are_refused_and_shown(tagged: Mesh) -> None:
    change = propose(tagged, [assign(tagged, "gender", "none")])
    assert change.effects["access"] == []
    grant_by_tags(tagged)
    with pytest.raises(RefusedError) as refused:
        approve(tagged, change)
    assert refused.value.field == "effects_hash"
    assert [one.lost for one in compute_current_effects(change).access] == [("gender",)]
    assert not Intent.objects.filter(kind=Intent.Kind.CLASSIFICATION).exists()


def test_what_somebody_changes_in_aws_is_told_and_repaired(tagged: Mesh) -> None:
    intent = run_until_proven(approve(tagged, propose(tagged, [assign(tagged, "gender", "none")])))
    assign_tags(tagged, "silver", ["gender"])
    run_rounds_until(lambda: bool(DriftFinding.objects.filter(kind=DifferenceKind.TAGS_CHANGED)))
    told = DriftFinding.objects.get(kind=DifferenceKind.TAGS_CHANGED)
    assert "is silver; none was approved" in told.text
    run_rounds_until(lambda: Intent.objects.get(pk=intent.pk).presence == "present")
    mirror(tagged, "gender", "none")
    tagged.run_rounds(4)
    assert list_open(DifferenceKind.TAGS_CHANGED) == []
    assert read_own_tag(tagged, "gender") == "none"


def read_own_tag(mesh: Mesh, column: str) -> str | None:
    table = {"DatabaseName": mesh.database, "Name": mesh.table.name}
    found = mesh.governance_client().get_resource_lf_tags(Resource={"Table": table}, ShowAssignedLFTags=True)
    values = {row["Name"]: row["LFTags"][0]["TagValues"][0] for row in found.get("LFTagsOnColumns", ())}
    return values.get(column)


def test_an_unmanaged_tag_is_left_alone(tagged: Mesh) -> None:
    run_until_proven(approve(tagged, propose(tagged, [assign(tagged, "gender", "none")])))
    assign_tags(tagged, "silver", ["region"])
    tagged.run_rounds(4)
    assert read_own_tag(tagged, "region") == "silver"


def test_what_would_come_out_otherwise_than_shown_is_not_sent(tagged: Mesh) -> None:
    """A column carries the table's value itself: the mirror can't tell, and it would not follow the table."""
    table = {"DatabaseName": tagged.database, "Name": tagged.table.name, "ColumnNames": ["region"]}
    pair = {"TagKey": tagged.database, "TagValues": ["gold"]}
    tagged.governance_client().add_lf_tags_to_resource(Resource={"TableWithColumns": table}, LFTags=[pair])
    change = approve(tagged, propose(tagged, [assign(tagged, "", "none")]))
    since = tagged.get_last_call()
    intent = run_until_proven(change, "stale")
    assert "have changed in AWS" in intent.failure
    assert tagged.list_writes(since) == []


def test_a_worker_killed_between_send_and_answer_loses_nothing(
    tagged: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        """The worker is gone before it can write the answer."""

    service, call = writes.CALLS["AddLFTagsToResource"]
    killed: list[bool] = []

    def send_and_die(aws: object, changes: Sequence[PlannedChange]) -> writes.StepResult:
        answer = call(aws, changes)
        if not killed:
            killed.append(True)
            raise KilledError
        return answer

    monkeypatch.setitem(writes.CALLS, "AddLFTagsToResource", (service, send_and_die))
    change = approve(tagged, propose(tagged, [assign(tagged, "gender", "none")]))
    with pytest.raises(KilledError):
        run_until_proven(change)
    run_until_proven(change)
    assert (killed, read_own_tag(tagged, "gender")) == ([True], "none")
